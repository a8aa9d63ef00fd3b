import type { WeightedAs } from './weighted-as.js';

/** What one AS got of a new-flow table. */
export interface AsShare {
  readonly buckets: number;
  /** Part of all buckets it has, 0 to 1. */
  readonly share: number;
  /** Part it should have: its weight over the sum of weights; 0 when no AS has a weight. */
  readonly ideal: number;
}

export interface TableStats {
  readonly newLen: number;
  /** In the order of the ASs given. */
  readonly ass: readonly AsShare[];
  /** Buckets without a server. */
  readonly noServer: number;
  /** Largest buckets / (ideal × newLen) over all ASs with a weight: 1 is perfect; 0 when there is none. */
  readonly imbalance: number;
}

/**
 * Counts a new-flow table.
 * @param table bucket → index into `ass`, or −1
 */
export function tableStats(table: Int32Array, ass: readonly WeightedAs[]): TableStats {
  const buckets = new Int32Array(ass.length);
  let noServer = 0;
  for (const index of table) {
    if (index < 0) noServer++;
    else buckets[index]++;
  }
  const sum = ass.reduce((total, { weight }) => total + weight, 0);
  const newLen = table.length;
  let imbalance = 0;
  const shares = ass.map(({ weight }, i) => {
    const ideal = weight > 0 ? weight / sum : 0;
    if (ideal > 0) imbalance = Math.max(imbalance, buckets[i] / (ideal * newLen));
    return { buckets: buckets[i], share: buckets[i] / newLen, ideal };
  });
  return { newLen, ass: shares, noServer, imbalance };
}
