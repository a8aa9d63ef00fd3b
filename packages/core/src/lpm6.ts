import { rawWord } from './address.js';
import { checkLpmEntries, type LpmEntry } from './lpm-entry.js';
import { prefixMask } from './prefix.js';

/*
 * Longest-prefix match for IPv6: one hash table for all prefixes, asked once for each prefix length in use, longest
 * first. A balancer has few lengths; each costs four masks and mostly one slot (half a cache line).
 * All offsets are relative to the table's first word.
 *
 *   word 0          offset behind the last mask
 *   word 1          number of slots − 1
 *   words 4–        per length, longest first: the netmask as four raw words
 *   then            slots of 8 words: masked address (4 raw words), offset of its mask (0: free slot), value, 0, 0
 */
const HEADER_WORDS = 4;
const MASK_WORDS = 4;
const SLOT_SHIFT = 3;
const SLOT_MASK_AT = 4;
const SLOT_VALUE = 5;

/**
 * Builds the table of a set of IPv6 prefixes.
 * @param entries values are whole numbers from 0 to 16777215; no prefix twice
 * @throws LbError LB_LPM_FAMILY, LB_LPM_VALUE, LB_LPM_DUPLICATE_PREFIX
 */
export function buildLpm6(entries: readonly LpmEntry[]): Uint32Array {
  const sorted = checkLpmEntries(6, entries).reverse();
  const lengths = [...new Set(sorted.map(({ prefix }) => prefix.length))];
  const masksEnd = HEADER_WORDS + lengths.length * MASK_WORDS;
  let slots = 8;
  while (slots < entries.length * 2) slots *= 2;

  const t = new Uint32Array(masksEnd + (slots << SLOT_SHIFT));
  t[0] = masksEnd;
  t[1] = slots - 1;
  lengths.forEach((length, i) => {
    const mask = prefixMask(6, length);
    for (let k = 0; k < 4; k++) t[HEADER_WORDS + i * MASK_WORDS + k] = rawWord(mask, k * 4);
  });
  for (const { prefix, value } of sorted) {
    const { bytes } = prefix.address;
    const maskAt = HEADER_WORDS + lengths.indexOf(prefix.length) * MASK_WORDS;
    const w = [rawWord(bytes, 0), rawWord(bytes, 4), rawWord(bytes, 8), rawWord(bytes, 12)] as const;
    let slot = hash6(w[0], w[1], w[2], w[3], maskAt) & (slots - 1);
    while (t[masksEnd + (slot << SLOT_SHIFT) + SLOT_MASK_AT] !== 0) slot = (slot + 1) & (slots - 1);
    t.set([...w, maskAt, value], masksEnd + (slot << SLOT_SHIFT));
  }
  return t;
}

/**
 * The value of the longest prefix that contains an address, or −1.
 * @param t memory that holds a table of `buildLpm6`
 * @param base index of the table's first word in `t`
 * @param w0 the address as little-endian reads of its bytes 0–3; `w1` 4–7; `w2` 8–11; `w3` 12–15. Signed or not; unsigned
 * ones from 2^31 on cost an object each
 */
export function lookupLpm6(t: Uint32Array, base: number, w0: number, w1: number, w2: number, w3: number): number {
  const masksEnd = t[base];
  const slotMask = t[base + 1];
  for (let maskAt = HEADER_WORDS; maskAt < masksEnd; maskAt += MASK_WORDS) {
    const at = base + maskAt;
    const k0 = w0 & t[at];
    const k1 = w1 & t[at + 1];
    const k2 = w2 & t[at + 2];
    const k3 = w3 & t[at + 3];
    for (let slot = hash6(k0, k1, k2, k3, maskAt) & slotMask; ; slot = (slot + 1) & slotMask) {
      const s = base + masksEnd + (slot << SLOT_SHIFT);
      const holds = t[s + SLOT_MASK_AT];
      if (holds === 0) break;
      if (
        holds === maskAt &&
        (t[s] | 0) === k0 &&
        (t[s + 1] | 0) === k1 &&
        (t[s + 2] | 0) === k2 &&
        (t[s + 3] | 0) === k3
      ) {
        return t[s + SLOT_VALUE];
      }
    }
  }
  return -1;
}

/**
 * Spreads prefixes over slots. Operators, not senders, choose the keys, so it need not withstand an attacker; the four
 * products don't wait for one another.
 */
function hash6(k0: number, k1: number, k2: number, k3: number, maskAt: number): number {
  const sum = Math.imul(k0 ^ maskAt, 0x9e3779b1) + Math.imul(k1, 0x85ebca77);
  const h = (sum + Math.imul(k2, 0xc2b2ae3d) + Math.imul(k3, 0x27d4eb2f)) | 0;
  const mixed = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
