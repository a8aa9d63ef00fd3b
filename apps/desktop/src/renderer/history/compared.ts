import type { ApiRevisionMeta } from '@lb/control/client';

/** Two revisions to be compared. */
export interface Compared {
  readonly from: number;
  readonly to: number;
}

/**
 * What a selection of revisions is about: one is compared with the one before it, several the oldest with the newest.
 * Null where there is nothing to compare with.
 * @param revisions newest first
 */
export function comparedBy(selected: ReadonlySet<string>, revisions: readonly ApiRevisionMeta[]): Compared | null {
  const numbers = revisions.filter(({ number }) => selected.has(String(number))).map(({ number }) => number);
  const [to] = numbers;
  const from = numbers.length > 1 ? numbers.at(-1) : olderThan(to, revisions);
  return from === undefined || to === undefined ? null : { from, to };
}

/** The latest revision before another, which need not be the number below: old ones may be gone. */
function olderThan(number: number | undefined, revisions: readonly ApiRevisionMeta[]): number | undefined {
  return number === undefined ? undefined : revisions.find((other) => other.number < number)?.number;
}
