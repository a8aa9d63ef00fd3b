/**
 * The seeded 64-bit flow hash (`flowHash: fast`), and the identity of a flow in the flow table.
 *
 * Two 32-bit lanes, mixed by odd multiplications, xor-shifts and each other, in steps that can all be undone: so for one
 * destination, protocol and seed the identity is a permutation of (source, ports), and two IPv4 flows to one address
 * never share it. Words are raw (what a little-endian host reads from network bytes).
 *
 *     begin     a = seed0 ^ dst, b = seed1 ^ protocol, one round, a ^= src, b ^= ports
 *               IPv6: a = seed0, b = seed1, for each word of the addresses a ^= dst, b ^= src, a round; a ^= protocol, b ^= ports
 *     round     a *= M1; a ^= a >>> 16; b += a; b *= M2; b ^= b >>> 15; a += b
 *     end       five half rounds with other constants; lo = a, hi = b
 *
 * The seed belongs to the fleet: machines with the same seed choose the same bucket for a packet. This is no
 * cryptographic hash. What an attacker could gain from knowing it, choosing a bucket, needs the seed; what he could gain
 * from flows in one flow-table line needs the table's own secret (flow-table.ts).
 *
 * HalfSipHash-1-3 was tried and costs 11.3 ns a packet against 4 ns (docs/performance.md).
 */

/** Seed used when none is configured; the same on every machine, so that a fleet agrees without configuration. */
export const DEFAULT_FLOW_HASH_SEED: readonly [number, number] = [0x4d61676c, 0x65762121];

const M1 = 0x85ebca6b;
const M2 = 0xc2b2ae35;
const M3 = 0x9e3779b1;
const M4 = 0xcc9e2d51;
const M5 = 0x1b873593;
const M6 = 0x2545f491;
const M7 = 0x27d4eb2f;
/** Mixed into the seed for IPv6, so that an IPv4 and an IPv6 flow never share an input. */
const FAMILY6 = 0x10000;

/**
 * Hash a column of IPv4 flows: for each i below `count`, the words `words[src + i]`, `words[dst + i]`,
 * `words[ports + i]` (raw; source port in the low half; 0 for protocols without ports) and the protocol number (or any
 * tag below 65,536) `words[protocol + i]` give `words[lo + i]` and `words[hi + i]`. Nothing is allocated.
 * @param seed0 first half of the seed, 32 bits
 * @param seed1 second half of the seed, 32 bits
 */
export function flowHashColumn4(
  words: Int32Array,
  count: number,
  seed0: number,
  seed1: number,
  src: number,
  dst: number,
  ports: number,
  protocol: number,
  lo: number,
  hi: number,
): void {
  for (let i = 0; i < count; i++) {
    let a = Math.imul(seed0 ^ words[dst + i], M1);
    a ^= a >>> 16;
    let b = Math.imul((seed1 ^ words[protocol + i]) + a, M2);
    b ^= b >>> 15;
    a = ((a + b) | 0) ^ words[src + i];
    b ^= words[ports + i];
    a = Math.imul(a, M3);
    a ^= a >>> 15;
    b = Math.imul(b + a, M4);
    b ^= b >>> 14;
    a = Math.imul(a + b, M5);
    a ^= a >>> 16;
    b = Math.imul(b ^ a, M6);
    b ^= b >>> 15;
    a = Math.imul(a + b, M7);
    a ^= a >>> 15;
    words[lo + i] = a;
    words[hi + i] = b + a;
  }
}

const single = new Int32Array(6);

/**
 * Hash one IPv4 flow; parameters as the columns of {@link flowHashColumn4}. The halves go to `out[lo]` and `out[hi]`.
 */
export function flowHash4(
  seed0: number,
  seed1: number,
  srcRaw: number,
  dstRaw: number,
  portsRaw: number,
  protocol: number,
  out: Int32Array,
  lo: number,
  hi: number,
): void {
  single[0] = srcRaw;
  single[1] = dstRaw;
  single[2] = portsRaw;
  single[3] = protocol;
  flowHashColumn4(single, 1, seed0, seed1, 0, 1, 2, 3, 4, 5);
  out[lo] = single[4];
  out[hi] = single[5];
}

/**
 * Hash one IPv6 flow whose addresses stand in a word array (frame memory): `words[srcWord..+3]` and
 * `words[dstWord..+3]`, raw. Other parameters as {@link flowHash4}.
 */
export function flowHash6(
  seed0: number,
  seed1: number,
  words: Int32Array,
  srcWord: number,
  dstWord: number,
  portsRaw: number,
  protocol: number,
  out: Int32Array,
  lo: number,
  hi: number,
): void {
  let a = seed0 | 0;
  let b = seed1 ^ FAMILY6;
  for (let k = 0; k < 4; k++) {
    a = Math.imul(a ^ words[dstWord + k], M1);
    a ^= a >>> 16;
    b = Math.imul((b ^ words[srcWord + k]) + a, M2);
    b ^= b >>> 15;
    a = (a + b) | 0;
  }
  // Not where an address is mixed in: a bit of the protocol would undo one of the source, and two flows be one.
  a ^= protocol;
  b ^= portsRaw;
  a = Math.imul(a, M3);
  a ^= a >>> 15;
  b = Math.imul(b + a, M4);
  b ^= b >>> 14;
  a = Math.imul(a + b, M5);
  a ^= a >>> 16;
  b = Math.imul(b ^ a, M6);
  b ^= b >>> 15;
  a = Math.imul(a + b, M7);
  a ^= a >>> 15;
  out[lo] = a;
  out[hi] = b + a;
}
