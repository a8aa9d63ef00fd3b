/** A new-flow table with the addresses that its entries name; −1 is no server. */
export interface NamedBuckets {
  readonly ass: readonly string[];
  readonly buckets: Int32Array;
}

/** The table of a VIP now and, if a change is staged, as it would be then; both in the buckets of the longer one. */
export interface BucketPair {
  /** Buckets, a power of two. */
  readonly newLen: number;
  /** ASs of both tables: those of now in their order, then those that are new. */
  readonly ass: readonly string[];
  /** Bucket → index into `ass`, or −1. */
  readonly now: Int32Array;
  readonly staged: Int32Array | null;
  /** 1 for each bucket that changes its AS; null without a staged table. */
  readonly moved: Uint8Array | null;
  readonly movedCount: number;
}

/**
 * Puts two tables side by side. A flow's bucket is the low bits of its hash, so each bucket of a shorter table stands for
 * several of the longer one.
 * @param staged null when no change is staged
 */
export function pairBuckets(now: NamedBuckets, staged: NamedBuckets | null): BucketPair {
  const newLen = Math.max(now.buckets.length, staged?.buckets.length ?? 0);
  const ass = [...new Set([...now.ass, ...(staged?.ass ?? [])])];
  const places = new Map(ass.map((address, i) => [address, i]));
  const nowIn = renumber(now, places, newLen);
  if (staged === null) return { newLen, ass, now: nowIn, staged: null, moved: null, movedCount: 0 };
  const stagedIn = renumber(staged, places, newLen);
  const moved = new Uint8Array(newLen);
  let movedCount = 0;
  for (let bucket = 0; bucket < newLen; bucket++) {
    const isMoved = nowIn[bucket] === stagedIn[bucket] ? 0 : 1;
    moved[bucket] = isMoved;
    movedCount += isMoved;
  }
  return { newLen, ass, now: nowIn, staged: stagedIn, moved, movedCount };
}

function renumber({ ass, buckets }: NamedBuckets, places: ReadonlyMap<string, number>, newLen: number): Int32Array {
  const indexes = Int32Array.from(ass, (address) => places.get(address)!);
  const mask = buckets.length - 1;
  const table = new Int32Array(newLen);
  for (let bucket = 0; bucket < newLen; bucket++) {
    const index = buckets[bucket & mask]!;
    table[bucket] = index < 0 ? -1 : indexes[index]!;
  }
  return table;
}

/** Buckets of each AS, by index into `ass`. */
export function countBuckets(table: Int32Array, ass: number): Uint32Array {
  const counts = new Uint32Array(ass);
  for (const index of table) if (index >= 0) counts[index]!++;
  return counts;
}
