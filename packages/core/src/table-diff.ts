import { type Address, formatAddress } from './address.js';
import { LbError } from './errors.js';
import { NO_AS } from './weighted-as.js';

/** A new-flow table with the servers its entries name. */
export interface NamedTable {
  /** Bucket → index into `ass`, or −1. */
  readonly table: Int32Array;
  readonly ass: readonly { readonly address: Address }[];
}

/** Buckets that leave one AS for another. */
export interface BucketFlow {
  /** Index into the ASs before, or −1 for no server. */
  readonly from: number;
  /** Index into the ASs after, or −1 for no server. */
  readonly to: number;
  readonly buckets: number;
}

export interface TableDiff {
  /** Length of the longer table, in whose buckets everything here is counted. */
  readonly newLen: number;
  readonly moved: number;
  /** Moved although the AS before stays and the AS after was there before. */
  readonly unrelated: number;
  /** Most buckets first. */
  readonly flows: readonly BucketFlow[];
}

/** For each AS before, its index after, or −1 if it is gone: the `sameAs` of `movedBuckets`. */
export function matchAss(before: NamedTable['ass'], after: NamedTable['ass']): Int32Array {
  const indexAfter = new Map(after.map(({ address }, i) => [formatAddress(address), i]));
  return Int32Array.from(before, ({ address }) => indexAfter.get(formatAddress(address)) ?? NO_AS);
}

/**
 * The buckets that change their server, ascending. Tables may differ in length: a flow's bucket is the low bits of its
 * hash, so each bucket of the shorter table stands for several of the longer one, whose numbers are returned.
 * @param sameAs index before → index after, or −1
 * @throws LbError LB_TABLE_LENGTH if a length is no power of two
 */
export function movedBuckets(before: Int32Array, after: Int32Array, sameAs: Int32Array): Uint32Array {
  const newLen = commonLength(before, after);
  const moved = new Uint32Array(newLen);
  let count = 0;
  for (let bucket = 0; bucket < newLen; bucket++) {
    const from = before[bucket & (before.length - 1)];
    const to = after[bucket & (after.length - 1)];
    if (from < 0 ? to >= 0 : sameAs[from] !== to || to < 0) moved[count++] = bucket;
  }
  return moved.slice(0, count);
}

/**
 * How many buckets go from which AS to which; an AS is the same before and after if its address is.
 * @throws LbError LB_TABLE_LENGTH if a length is no power of two
 */
export function diffTables(before: NamedTable, after: NamedTable): TableDiff {
  const sameAs = matchAss(before.ass, after.ass);
  const wasThere = new Set(sameAs);
  const moved = movedBuckets(before.table, after.table, sameAs);
  const width = after.ass.length + 1;
  const counts = new Map<number, number>();
  let unrelated = 0;
  for (const bucket of moved) {
    const from = before.table[bucket & (before.table.length - 1)];
    const to = after.table[bucket & (after.table.length - 1)];
    if (from >= 0 && to >= 0 && sameAs[from] >= 0 && wasThere.has(to)) unrelated++;
    const key = (from + 1) * width + to + 1;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const flows = [...counts].map(([key, buckets]) => ({
    from: Math.floor(key / width) - 1,
    to: (key % width) - 1,
    buckets,
  }));
  flows.sort((a, b) => b.buckets - a.buckets || a.from - b.from || a.to - b.to);
  return { newLen: commonLength(before.table, after.table), moved: moved.length, unrelated, flows };
}

function commonLength(before: Int32Array, after: Int32Array): number {
  for (const { length } of [before, after]) {
    if (length === 0 || (length & (length - 1)) !== 0) {
      throw new LbError('LB_TABLE_LENGTH', `a table of ${length} buckets can't be compared: expected a power of two`);
    }
  }
  return Math.max(before.length, after.length);
}
