/**
 * A sample of counters on its way to the page. There may be ten thousand VIPs: as objects they would be copied one by one, twice,
 * and that every second. So names come once, and again when they are others, as text; all that changes comes as one array.
 */
export interface PackedSample {
  /** Number of the layout that the numbers follow. */
  readonly layout: number;
  /** JSON of a {@link Layout}; null: it came with an earlier sample of the same number. */
  readonly names: string | null;
  /** JSON of {@link PackedTotals}. */
  readonly totals: string;
  /**
   * {@link VIP_NUMBERS} of each VIP, then {@link AS_NUMBERS} followed by {@link AS_WORDS}, as places in the list of words, of each
   * AS of each VIP; NaN for null.
   */
  readonly numbers: Float64Array;
}

/** What the numbers of a sample are of, in their order. */
export type Layout = readonly VipNames[];

export interface VipNames {
  readonly id: string;
  readonly prefix: string;
  readonly protocol: 'tcp' | 'udp' | null;
  readonly port: number | null;
  readonly encap: string;
  readonly newLen: number;
  /** Addresses. */
  readonly ass: readonly string[];
}

/** All of a sample that is not about VIPs, and the words that ASs refer to. */
export interface PackedTotals {
  readonly totals: object;
  readonly words: readonly string[];
}

export const VIP_NUMBERS = ['imbalance', 'existing', 'first', 'untracked', 'noServer', 'natReturn'] as const;
export const AS_NUMBERS = [
  'weight',
  'effectiveWeight',
  'packets',
  'bytes',
  'first',
  'untracked',
  'flows',
  'buckets',
] as const;
export const AS_WORDS = ['reason', 'state', 'health'] as const;

export const VIP_LENGTH = VIP_NUMBERS.length;
export const AS_LENGTH = AS_NUMBERS.length + AS_WORDS.length;
