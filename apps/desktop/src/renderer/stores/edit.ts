import { type Changes, type Config, formatSetVip, type VipConfig, type VipRef } from '@lb/control';

/** Settings of a VIP to change in place; null takes a setting away. */
export type VipSettingsChange = Changes<Omit<VipConfig, 'prefix' | 'protocol' | 'port' | 'ass'>>;

/** One step of a staged change. */
export type Edit =
  /** Lines of the command grammar, all or none. */
  | { readonly kind: 'commands'; readonly lines: readonly string[] }
  /** The same settings for VIPs that stay. What `lb set vip` lines say, but of ten thousand VIPs in a fraction of the time. */
  | { readonly kind: 'vips'; readonly vips: readonly VipRef[]; readonly change: VipSettingsChange }
  /** A whole configuration: an imported document, or an earlier revision. */
  | { readonly kind: 'replace'; readonly title: string; readonly config: Config };

/** The edit as command lines; a whole configuration as a comment. */
export function editLines(edit: Edit): readonly string[] {
  switch (edit.kind) {
    case 'commands':
      return edit.lines;
    case 'vips':
      return edit.vips.map((vip) => formatSetVip(vip, edit.change));
    case 'replace':
      return [`# ${edit.title}: ${edit.config.vips.length} VIPs`];
  }
}
