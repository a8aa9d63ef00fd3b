import type { BucketMove } from '@lb/control';

/** A side of a move: an AS, no server, or the ASs that the picture has no room for. */
export interface Party {
  readonly kind: 'as' | 'none' | 'others';
  readonly name: string;
}

/** Buckets that move between two parties. */
export interface PartyMove {
  readonly from: Party;
  readonly to: Party;
  readonly buckets: number;
}

/**
 * Moves among so many parties on a side as a picture can hold: those with most buckets by name, the others as one.
 * @param most parties of a side, at least 2
 */
export function foldMoves(moves: readonly BucketMove[], most: number): readonly PartyMove[] {
  const from = partiesOf(moves, 'from', most);
  const to = partiesOf(moves, 'to', most);
  const folded = new Map<string, PartyMove>();
  for (const move of moves) {
    const sides = { from: from.get(move.from)!, to: to.get(move.to)! };
    const key = `${sides.from.kind} ${sides.from.name} > ${sides.to.kind} ${sides.to.name}`;
    const buckets = (folded.get(key)?.buckets ?? 0) + move.buckets;
    folded.set(key, { ...sides, buckets });
  }
  return [...folded.values()].sort((a, b) => b.buckets - a.buckets);
}

function partiesOf(moves: readonly BucketMove[], side: 'from' | 'to', most: number): Map<string | null, Party> {
  const sums = new Map<string | null, number>();
  for (const move of moves) sums.set(move[side], (sums.get(move[side]) ?? 0) + move.buckets);
  const names = [...sums].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const shown = names.length <= most ? names.length : most - 1;
  const others: Party = { kind: 'others', name: `${names.length - shown} others` };
  return new Map(names.map((name, i) => [name, i < shown ? partyOf(name) : others]));
}

function partyOf(name: string | null): Party {
  return name === null ? { kind: 'none', name: 'no server' } : { kind: 'as', name };
}

/** Buckets by from (rows) and to (columns); 0 where none move. */
export interface MoveMatrix {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly buckets: readonly (readonly number[])[];
}

export function moveMatrix(moves: readonly PartyMove[]): MoveMatrix {
  const from = [...new Set(moves.map((move) => move.from.name))];
  const to = [...new Set(moves.map((move) => move.to.name))];
  const cells = new Map(moves.map((move) => [`${move.from.name} > ${move.to.name}`, move.buckets]));
  return { from, to, buckets: from.map((a) => to.map((b) => cells.get(`${a} > ${b}`) ?? 0)) };
}
