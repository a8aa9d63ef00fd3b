import type { BucketPair } from './bucket-pair.js';

/** What is to be said of a bucket. */
export interface BucketFacts {
  readonly bucket: number;
  /** Address, or null for no server. */
  readonly now: string | null;
  /** undefined: nothing is staged. */
  readonly staged: string | null | undefined;
  /** null: not counted. */
  readonly flows: number | null;
}

/** @param flows of each bucket, or of those of a shorter table; null if not counted */
export function bucketFacts(pair: BucketPair, bucket: number, flows: Uint32Array | null): BucketFacts {
  const name = (index: number): string | null => (index < 0 ? null : pair.ass[index]!);
  return {
    bucket,
    now: name(pair.now[bucket]!),
    staged: pair.staged === null ? undefined : name(pair.staged[bucket]!),
    flows: flows === null || flows.length === 0 ? null : flows[bucket & (flows.length - 1)]!,
  };
}

/** A row of the legend, which is also what the map says to those who cannot see it. */
export interface LegendRow {
  readonly address: string;
  /** Index into the ASs of the pair. */
  readonly index: number;
  readonly buckets: number;
  /** null: nothing is staged. */
  readonly stagedBuckets: number | null;
  /** Part of all buckets, 0 to 1. */
  readonly share: number;
  readonly stagedShare: number | null;
  /** Part that its weight asks for, of the table that is now; null if not known. */
  readonly ideal: number | null;
}

/**
 * @param counts buckets of each AS, by index
 * @param weights effective weights by address, of now
 */
export function legendRows(
  pair: BucketPair,
  counts: { readonly now: Uint32Array; readonly staged: Uint32Array | null },
  weights: ReadonlyMap<string, number> | null,
): readonly LegendRow[] {
  const sum = weights === null ? 0 : [...weights.values()].reduce((total, weight) => total + weight, 0);
  return pair.ass.map((address, index) => {
    const stagedBuckets = counts.staged === null ? null : counts.staged[index]!;
    const weight = weights?.get(address);
    return {
      address,
      index,
      buckets: counts.now[index]!,
      stagedBuckets,
      share: counts.now[index]! / pair.newLen,
      stagedShare: stagedBuckets === null ? null : stagedBuckets / pair.newLen,
      ideal: weight === undefined || sum === 0 ? null : weight / sum,
    };
  });
}
