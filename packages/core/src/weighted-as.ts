import { type Address, compareAddresses, formatAddress } from './address.js';
import { LbError } from './errors.js';

/** One application server (AS) of a VIP, as the new-flow table sees it. */
export interface WeightedAs {
  readonly address: Address;
  /** Whole number of at least 0; an AS of weight 0 gets no new flows. */
  readonly weight: number;
}

/** What a new-flow table says of a bucket without a server. */
export const NO_AS = -1;

export const MAX_NEW_LEN = 1 << 24;
/** Twice the sum of the weights must be an exact double. */
const MAX_WEIGHT_SUM = 2 ** 52;

/**
 * Refuses sets that no new-flow table can be built for. More ASs than buckets is not an error: some get none.
 * @throws LbError LB_TABLE_NEW_LEN, LB_TABLE_WEIGHT, LB_TABLE_DUPLICATE_AS
 */
export function checkTableInput(ass: readonly WeightedAs[], newLen: number): void {
  if (!Number.isInteger(newLen) || newLen < 1 || newLen > MAX_NEW_LEN || (newLen & (newLen - 1)) !== 0) {
    const accepted = `a power of two from 1 to ${MAX_NEW_LEN}`;
    throw new LbError('LB_TABLE_NEW_LEN', `new_len ${newLen} must be ${accepted}`);
  }
  let sum = 0;
  for (const { address, weight } of ass) {
    if (!Number.isInteger(weight) || weight < 0) {
      const who = formatAddress(address);
      throw new LbError('LB_TABLE_WEIGHT', `AS ${who}: weight ${weight} must be an integer of at least 0`);
    }
    sum += weight;
    if (sum > MAX_WEIGHT_SUM) {
      throw new LbError('LB_TABLE_WEIGHT', `the weights add up to more than ${MAX_WEIGHT_SUM}`);
    }
  }
  refuseDuplicates(ass);
}

function refuseDuplicates(ass: readonly WeightedAs[]): void {
  const seen = new Set<string>();
  for (const { address } of ass) {
    // The bytes as one string: cheaper than writing the address out, and as unique.
    const key = String.fromCharCode(...address.bytes);
    if (seen.has(key)) throw new LbError('LB_TABLE_DUPLICATE_AS', `AS ${formatAddress(address)} is named twice`);
    seen.add(key);
  }
}

/** Indexes of the ASs with a weight above 0, by address. */
export function activeByAddress(ass: readonly WeightedAs[]): number[] {
  const active: number[] = [];
  ass.forEach((as, i) => {
    if (as.weight > 0) active.push(i);
  });
  return active.sort((a, b) => compareAddresses(ass[a].address, ass[b].address));
}

/**
 * The 16-byte forms of the addresses as little-endian words, four each, in the order of `indexes`:
 * the 64-bit halves that XXH64 reads. (Hosts are little-endian throughout.)
 */
export function addressWords(ass: readonly WeightedAs[], indexes: readonly number[]): Uint32Array {
  const words = new Uint32Array(indexes.length * 4);
  const bytes = new Uint8Array(words.buffer);
  indexes.forEach((index, i) => {
    const { address } = ass[index];
    bytes.set(address.bytes, i * 16 + 16 - address.bytes.length);
  });
  return words;
}
