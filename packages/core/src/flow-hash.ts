/**
 * The seeded 64-bit flow hash (`flowHash: fast`), and the identity of a flow in the flow table.
 *
 * It is HalfSipHash-1-3 (Aumasson & Bernstein's SipHash on 32-bit words; one round per word and three to finish, as in
 * Linux' hsiphash) over the words of a flow: source, destination and ports as raw words (what a little-endian host
 * reads from network bytes), with the protocol folded into the key. Both halves of the final state are kept:
 * lo = v1 ^ v3 (the standard 32-bit output), hi = v0 ^ v2.
 *
 * The seed belongs to the fleet: machines with the same seed choose the same bucket for a packet.
 * Nothing is allocated.
 */

/** Seed used when none is configured; the same on every machine, so that a fleet agrees without configuration. */
export const DEFAULT_FLOW_HASH_SEED: readonly [number, number] = [0x4d61676c, 0x65762121];

/** HalfSipHash's third and fourth initial words. */
const INIT2 = 0x6c796765;
const INIT3 = 0x74656462;
/** Set in the key for IPv6, so that an IPv4 and an IPv6 flow never share an input. */
const FAMILY6 = 0x10000;

/**
 * Hash a column of IPv4 flows: for each i below `count`, the words `words[src + i]`, `words[dst + i]`,
 * `words[ports + i]` (raw; source port in the low half; 0 for protocols without ports) and the protocol number (or any
 * tag below 65,536) `words[protocol + i]` give `words[lo + i]` and `words[hi + i]`.
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
  const init2 = seed0 ^ INIT2;
  const init3 = seed1 ^ INIT3;
  for (let i = 0; i < count; i++) {
    const srcRaw = words[src + i];
    const dstRaw = words[dst + i];
    const portsRaw = words[ports + i];
    let v0 = seed0 | 0;
    let v1 = seed1 ^ words[protocol + i];
    let v2 = init2;
    let v3 = init3;

    // The rounds are written out: a loop over words costs 60 % more (docs/performance.md).
    v3 ^= srcRaw;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= srcRaw;

    v3 ^= dstRaw;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= dstRaw;

    v3 ^= portsRaw;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= portsRaw;

    v2 ^= 0xff;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);

    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);

    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);

    words[lo + i] = v1 ^ v3;
    words[hi + i] = v0 ^ v2;
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
 * Hash an IPv6 flow whose addresses stand in a word array (frame memory): `words[srcWord..+3]` and
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
  let v0 = seed0 | 0;
  let v1 = seed1 ^ protocol ^ FAMILY6;
  let v2 = seed0 ^ INIT2;
  let v3 = seed1 ^ INIT3;
  // Nine words of input, then three finishing rounds: rounds 9, 10 and 11 take no word.
  for (let round = 0; round < 12; round++) {
    let word = 0;
    if (round < 4) word = words[srcWord + round];
    else if (round < 8) word = words[dstWord + round - 4];
    else if (round === 8) word = portsRaw;
    else if (round === 9) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  out[lo] = v1 ^ v3;
  out[hi] = v0 ^ v2;
}
