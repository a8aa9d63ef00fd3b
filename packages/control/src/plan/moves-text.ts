import { countOf, exact } from './change-text.js';
import type { BucketMove } from './types.js';

const GROUPS_SHOWN = 3;
const NAMED = 3;

/**
 * Where buckets go in a few lines: grouped by the side that has fewer ASs, as when one AS leaves and many share what it
 * had: `10.0.0.7 1,012 -> 10.0.0.1 68, 10.0.0.2 68, 10.0.0.3 67, 12 others 809`. Numbers are buckets.
 */
export function movesTexts(moves: readonly BucketMove[]): string[] {
  const byFrom = grouped(moves, 'from');
  const byTo = grouped(moves, 'to');
  const groups = byFrom.length <= byTo.length ? byFrom : byTo;
  const texts = groups.slice(0, GROUPS_SHOWN).map((group) => (groups === byFrom ? fromText(group) : toText(group)));
  const left = groups.slice(GROUPS_SHOWN);
  const rest = left.reduce((sum, { buckets }) => sum + buckets, 0);
  return left.length === 0 ? texts : [...texts, `and ${countOf(rest, 'bucket')} between others`];
}

interface Group {
  readonly name: string;
  readonly buckets: number;
  /** Most buckets first. */
  readonly others: readonly { readonly name: string; readonly buckets: number }[];
}

function grouped(moves: readonly BucketMove[], side: 'from' | 'to'): Group[] {
  const other = side === 'from' ? 'to' : 'from';
  const byName = new Map<string | null, BucketMove[]>();
  for (const move of moves) {
    const group = byName.get(move[side]);
    if (group === undefined) byName.set(move[side], [move]);
    else group.push(move);
  }
  const groups = [...byName].map(([name, group]) => ({
    name: nameText(name),
    buckets: group.reduce((sum, { buckets }) => sum + buckets, 0),
    others: group.map((move) => ({ name: nameText(move[other]), buckets: move.buckets })),
  }));
  return groups.sort((a, b) => b.buckets - a.buckets);
}

function fromText(group: Group): string {
  return `${group.name} ${exact(group.buckets)} -> ${listText(group.others)}`;
}

function toText(group: Group): string {
  return `${listText(group.others)} -> ${group.name} ${exact(group.buckets)}`;
}

/** A single one needs no number: it has all that the group has. */
function listText(others: Group['others']): string {
  if (others.length === 1) return others[0]!.name;
  const named = others.slice(0, NAMED).map(({ name, buckets }) => `${name} ${exact(buckets)}`);
  const rest = others.slice(NAMED).reduce((sum, { buckets }) => sum + buckets, 0);
  const left = others.length - named.length;
  return [...named, ...(left > 0 ? [`${countOf(left, 'other')} ${exact(rest)}`] : [])].join(', ');
}

function nameText(name: string | null): string {
  return name ?? 'no AS';
}
