import { Badge } from '../ui/index.js';
import type { Mark } from './vip-rows.js';

const TONES = { adding: 'good', removing: 'bad', changing: 'accent' } as const;

/** What the staged change does to the row. */
export function MarkBadge({ mark }: { readonly mark: Mark }) {
  return mark === null ? null : <Badge tone={TONES[mark]}>{mark}</Badge>;
}

export function rowClassOf({ mark }: { readonly mark: Mark }): string {
  return mark === null ? '' : `row-${mark}`;
}
