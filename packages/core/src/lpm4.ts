import { LbError } from './errors.js';
import { checkLpmEntries, type LpmEntry } from './lpm-entry.js';

/*
 * Longest-prefix match for IPv4 as a 16-8-8 trie whose leaves are pushed down, so that a lookup takes one, two or
 * three loads and never goes back. All offsets are relative to the table's first word.
 *
 *   words 0–65535   root, by the address's first two bytes as a little-endian u16 (`raw & 0xffff`)
 *   then            nodes of 256 words, by the third and the fourth byte
 *
 *   entry           0                    no prefix
 *                   1 + value            the longest prefix's value
 *                   0x80000000 | offset  go on in the node at `offset`
 */
const ROOT_WORDS = 0x10000;
const NODE_WORDS = 256;
const NODE = 0x80000000;

/**
 * Builds the table of a set of IPv4 prefixes; at least 256 KiB.
 * @param entries values are whole numbers from 0 to 16777215; no prefix twice
 * @throws LbError LB_LPM_FAMILY, LB_LPM_VALUE, LB_LPM_DUPLICATE_PREFIX, LB_LPM_SIZE
 */
export function buildLpm4(entries: readonly LpmEntry[]): Uint32Array {
  const trie = new Trie4();
  // Shorter prefixes first: what a longer one then finds in place is exactly what it must push down.
  for (const { prefix, value } of checkLpmEntries(4, entries)) {
    const [a, b, c, d] = prefix.address.bytes as unknown as [number, number, number, number];
    const { length } = prefix;
    if (length <= 16) {
      for (let i = (a << 8) | b, end = i + (1 << (16 - length)); i < end; i++) {
        trie.words[((i & 0xff) << 8) | (i >>> 8)] = value + 1;
      }
    } else {
      const second = trie.node(a | (b << 8));
      if (length <= 24) trie.words.fill(value + 1, second + c, second + c + (1 << (24 - length)));
      else {
        const third = trie.node(second + c) + d;
        trie.words.fill(value + 1, third, third + (1 << (32 - length)));
      }
    }
  }
  return trie.words.slice(0, trie.used);
}

class Trie4 {
  words = new Uint32Array(ROOT_WORDS);
  used = ROOT_WORDS;

  /** Offset of the node below the entry at `at`, made if there is none. */
  node(at: number): number {
    const entry = this.words[at];
    if (entry >= NODE) return entry - NODE;
    const offset = this.used;
    this.used += NODE_WORDS;
    if (this.used >= NODE) throw new LbError('LB_LPM_SIZE', 'the IPv4 prefixes need more than 2^31 words of table');
    if (this.used > this.words.length) {
      const grown = new Uint32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
    }
    this.words.fill(entry, offset, this.used);
    this.words[at] = NODE + offset;
    return offset;
  }
}

/**
 * The value of the longest prefix that contains an address, or −1.
 * @param t memory that holds a table of `buildLpm4`
 * @param base index of the table's first word in `t`
 * @param dstRaw the address as a little-endian read of its four bytes
 */
export function lookupLpm4(t: Uint32Array, base: number, dstRaw: number): number {
  let entry = t[base + (dstRaw & 0xffff)] | 0;
  if (entry >= 0) return entry - 1;
  entry = t[base + (entry & 0x7fffffff) + ((dstRaw >>> 16) & 0xff)] | 0;
  if (entry >= 0) return entry - 1;
  return t[base + (entry & 0x7fffffff) + (dstRaw >>> 24)] - 1;
}
