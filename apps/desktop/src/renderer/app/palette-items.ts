import { describeVip, type VipConfig, vipId } from '@lb/control';
import type { ViewName } from '../stores/index.js';
import { VIEW_KEYS } from './shortcuts.js';

/** Something that the palette can do. */
export type PaletteItem =
  | {
      readonly kind: 'view';
      readonly key: string;
      readonly text: string;
      readonly view: ViewName;
      readonly shortcut: string;
    }
  | { readonly kind: 'vip'; readonly key: string; readonly text: string; readonly vip: string }
  | {
      readonly kind: 'action';
      readonly key: string;
      readonly text: string;
      readonly run: () => void;
      readonly shortcut?: string | undefined;
    };

export interface PaletteAction {
  readonly text: string;
  readonly shortcut?: string | undefined;
  run(): void;
}

const MAX_VIPS = 50;

/** What matches all words of a text; views and actions first. Without a text all but the VIPs. */
export function paletteItems(
  text: string,
  {
    views,
    actions,
    vips,
  }: {
    views: readonly { readonly view: ViewName; readonly title: string }[];
    actions: readonly PaletteAction[];
    vips: readonly VipConfig[];
  },
): PaletteItem[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (name: string) => words.every((word) => name.toLowerCase().includes(word));
  const ofViews = views.map(
    ({ view, title }): PaletteItem => ({
      kind: 'view',
      key: `view ${view}`,
      text: title,
      view,
      shortcut: VIEW_KEYS[view],
    }),
  );
  const ofActions = actions.map((action): PaletteItem => ({ kind: 'action', key: `action ${action.text}`, ...action }));
  return [...[...ofViews, ...ofActions].filter((item) => matches(item.text)), ...matchVips(vips, words, matches)];
}

function matchVips(
  vips: readonly VipConfig[],
  words: readonly string[],
  matches: (name: string) => boolean,
): PaletteItem[] {
  if (words.length === 0) return [];
  const items: PaletteItem[] = [];
  for (const vip of vips) {
    const text = `VIP ${describeVip(vip)}`;
    if (matches(text)) items.push({ kind: 'vip', key: `vip ${vipId(vip)}`, text, vip: vipId(vip) });
    if (items.length === MAX_VIPS) break;
  }
  return items;
}
