import { type Config, describeVip, type VipConfig, type VipRef } from '@lb/control';

/** Settings of a VIP to change in place; null takes a setting away. */
export type VipSettingsChange = {
  readonly [K in keyof Omit<VipConfig, 'prefix' | 'protocol' | 'port' | 'ass'>]?: VipConfig[K] | null;
};

/** One step of a staged change. */
export type Edit =
  /** Lines of the command grammar, all or none. */
  | { readonly kind: 'commands'; readonly lines: readonly string[] }
  /** The same settings for VIPs that stay, for which the grammar has no line. */
  | { readonly kind: 'vips'; readonly vips: readonly VipRef[]; readonly change: VipSettingsChange }
  /** A whole configuration: an imported document, or an earlier revision. */
  | { readonly kind: 'replace'; readonly title: string; readonly config: Config };

/** The edit as lines for a person: command lines, and comments where the grammar has no words for it. */
export function editLines(edit: Edit): readonly string[] {
  switch (edit.kind) {
    case 'commands':
      return edit.lines;
    case 'vips': {
      const settings = Object.entries(edit.change).map(([field, value]) => `${field} ${settingText(value)}`);
      return edit.vips.flatMap((vip) => settings.map((text) => `# VIP ${describeVip(vip)}: ${text}`));
    }
    case 'replace':
      return [`# ${edit.title}: ${edit.config.vips.length} VIPs`];
  }
}

function settingText(value: unknown): string {
  if (value === null) return 'removed';
  if (typeof value !== 'object') return String(value);
  const inner = Object.entries(value as object).filter(([, part]) => part !== undefined);
  return inner.map(([key, part]) => `${key} ${String(part)}`).join(' ');
}
