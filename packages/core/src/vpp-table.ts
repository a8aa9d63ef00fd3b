import { activeByAddress, addressWords, checkTableInput, NO_AS, type WeightedAs } from './weighted-as.js';
import { xxh64Words } from './xxh64.js';

/** XXH64's seed in VPP's clib_xxhash: 0x9E3779B97F4A7C13. */
const SEED_LO = 0x7f4a7c13;
const SEED_HI = 0x9e3779b9;

/**
 * The new-flow table as VPP's lb plugin builds it, bucket for bucket, for fleets in which both run side by side.
 * An AS enters `weight` times; the entries, sorted by replica and then by address, take their next free bucket in
 * turns. So when the weights add up to more than `newLen`, shares no longer follow them: use `buildMaglevTable`
 * unless VPP must be matched.
 * @param newLen number of buckets, a power of two up to 2^24
 * @returns bucket → index into `ass`, or −1 when no AS has a weight
 * @throws LbError LB_TABLE_NEW_LEN, LB_TABLE_WEIGHT, LB_TABLE_DUPLICATE_AS
 */
export function buildVppTable(ass: readonly WeightedAs[], newLen: number): Int32Array {
  checkTableInput(ass, newLen);
  const table = new Int32Array(newLen).fill(NO_AS);
  const { owner, position, skip } = replicas(ass, newLen);
  const mask = newLen - 1;
  for (let left = owner.length === 0 ? 0 : newLen; left > 0; ) {
    for (let e = 0; e < owner.length && left > 0; e++) {
      let p = position[e];
      const step = skip[e];
      while (table[p] >= 0) p = (p + step) & mask;
      table[p] = owner[e];
      position[e] = p;
      left--;
    }
  }
  return table;
}

interface Replicas {
  owner: Int32Array;
  position: Int32Array;
  skip: Int32Array;
}

/** The entries that can get a bucket, in order: those beyond the first `newLen` find the table full. */
function replicas(ass: readonly WeightedAs[], newLen: number): Replicas {
  const order = activeByAddress(ass);
  const words = addressWords(ass, order);
  const total = order.reduce((sum, index) => sum + ass[index].weight, 0);
  const count = Math.min(total, newLen);
  const entries = { owner: new Int32Array(count), position: new Int32Array(count), skip: new Int32Array(count) };
  const seed = new Uint32Array(2);
  const hash = new Uint32Array(2);
  let present = order.map((_, rank) => rank);
  for (let replica = 0, e = 0; e < count; replica++) {
    present = present.filter((rank) => ass[order[rank]].weight > replica);
    for (let i = 0; i < present.length && e < count; i++, e++) {
      const rank = present[i];
      seed[0] = words[rank * 4] ^ words[rank * 4 + 2] ^ replica;
      seed[1] = words[rank * 4 + 1] ^ words[rank * 4 + 3];
      xxh64Words(seed, 0, 1, SEED_LO, SEED_HI, hash, 0);
      entries.owner[e] = order[rank];
      entries.skip[e] = (hash[0] | 1) & (newLen - 1);
      entries.position[e] = hash[1] & (newLen - 1);
    }
  }
  return entries;
}
