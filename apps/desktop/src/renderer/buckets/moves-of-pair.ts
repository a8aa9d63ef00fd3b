import type { BucketPair } from './bucket-pair.js';

/** Buckets that one AS has on the left and another on the right. */
export interface PairMove {
  /** Address, or null for no server. */
  readonly from: string | null;
  readonly to: string | null;
  readonly buckets: number;
}

/** Which ASs the moved buckets go between; most buckets first. */
export function movesOfPair({ ass, now, staged, moved, newLen }: BucketPair): readonly PairMove[] {
  if (staged === null || moved === null) return [];
  // No server is the place before the first AS.
  const places = ass.length + 1;
  const counts = new Map<number, number>();
  for (let bucket = 0; bucket < newLen; bucket++) {
    if (moved[bucket] === 0) continue;
    const key = (now[bucket]! + 1) * places + staged[bucket]! + 1;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const name = (place: number): string | null => (place === 0 ? null : ass[place - 1]!);
  return [...counts]
    .map(([key, buckets]) => ({ from: name(Math.floor(key / places)), to: name(key % places), buckets }))
    .sort((a, b) => b.buckets - a.buckets);
}
