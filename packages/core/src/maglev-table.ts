import { quotas } from './quotas.js';
import { stableFill } from './stable-fill.js';
import { activeByAddress, addressWords, checkTableInput, NO_AS, type WeightedAs } from './weighted-as.js';
import { xxh64Words } from './xxh64.js';

/**
 * The new-flow table after the Maglev paper (Eisenbud et al., NSDI 2016, §3.4): every AS has its own permutation of
 * the buckets, drawn from a hash of its address, and takes buckets in that order. Unlike the paper's, it holds weights
 * exactly: for every set of weights each AS gets its ideal share rounded down or up to a whole bucket. It depends only
 * on the set of addresses and weights, not on their order or history. docs/decisions/0001-maglev-fill.md compares ways
 * to fill it.
 * @param newLen number of buckets, a power of two up to 2^24
 * @returns bucket → index into `ass`, or −1 when no AS has a weight
 * @throws LbError LB_TABLE_NEW_LEN, LB_TABLE_WEIGHT, LB_TABLE_DUPLICATE_AS
 */
export function buildMaglevTable(ass: readonly WeightedAs[], newLen: number): Int32Array {
  checkTableInput(ass, newLen);
  const { order, hash } = hashOrder(ass);
  if (order.length === 0) return new Int32Array(newLen).fill(NO_AS);
  const weight = Float64Array.from(order, (index) => ass[index].weight);
  const table = stableFill(
    {
      weight,
      quota: quotas(weight, newLen),
      offset: Int32Array.from(order, (_, rank) => hash[rank * 2 + 1]),
      skip: Int32Array.from(order, (_, rank) => hash[rank * 2] | 1),
    },
    newLen,
  );
  for (let bucket = 0; bucket < newLen; bucket++) table[bucket] = order[table[bucket]];
  return table;
}

/**
 * The ASs with a weight by the XXH64 (seed 0) of their 16-byte address, so that ties favour no part of the address
 * space, and those hashes in the same order as low and high words.
 */
function hashOrder(ass: readonly WeightedAs[]): { order: number[]; hash: Uint32Array } {
  const byAddress = activeByAddress(ass);
  const words = addressWords(ass, byAddress);
  const unsorted = new Uint32Array(byAddress.length * 2);
  for (let i = 0; i < byAddress.length; i++) xxh64Words(words, i * 4, 2, 0, 0, unsorted, i * 2);
  const ranks = byAddress.map((_, i) => i);
  // A stable sort: should two hashes be equal, the addresses decide.
  ranks.sort((a, b) => unsorted[a * 2 + 1] - unsorted[b * 2 + 1] || unsorted[a * 2] - unsorted[b * 2]);
  const hash = new Uint32Array(unsorted.length);
  ranks.forEach((rank, i) => {
    hash.set(unsorted.subarray(rank * 2, rank * 2 + 2), i * 2);
  });
  return { order: ranks.map((rank) => byAddress[rank]), hash };
}
