import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, parseAddress, rawWord } from './address.js';
import type { LpmEntry } from './lpm-entry.js';
import { buildLpm4, lookupLpm4 } from './lpm4.js';
import { buildLpm6, lookupLpm6 } from './lpm6.js';
import { formatPrefix, parsePrefix, prefixContains } from './prefix.js';

/** Tables live anywhere in a larger image: look them up at an odd place, between words that would mislead. */
const BASE = 37;

function inImage(table: Uint32Array): Uint32Array {
  const image = new Uint32Array(table.length + 2 * BASE).fill(0xffffffff);
  image.set(table, BASE);
  return image;
}

function lookup(image: Uint32Array, { family, bytes }: Address): number {
  if (family === 4) return lookupLpm4(image, BASE, rawWord(bytes, 0));
  return lookupLpm6(image, BASE, rawWord(bytes, 0), rawWord(bytes, 4), rawWord(bytes, 8), rawWord(bytes, 12));
}

/** The oracle: look at every prefix. */
function longestByScan(entries: readonly LpmEntry[], address: Address): number {
  let best: LpmEntry | undefined;
  for (const entry of entries) {
    if (prefixContains(entry.prefix, address) && entry.prefix.length >= (best?.prefix.length ?? 0)) best = entry;
  }
  return best?.value ?? -1;
}

/** Addresses from few byte values, so that prefixes nest and lookups hit; values from the whole range. */
function closeAddress(family: 4 | 6): fc.Arbitrary<Address> {
  const size = family === 4 ? 4 : 16;
  return fc
    .array(fc.constantFrom(0, 0, 1, 0x80, 0xff), { minLength: size, maxLength: size })
    .map((bytes) => ({ family, bytes: Uint8Array.from(bytes) }));
}

function anyEntries(family: 4 | 6): fc.Arbitrary<LpmEntry[]> {
  const bits = family === 4 ? 32 : 128;
  const length = fc.oneof(fc.nat({ max: bits }), fc.constantFrom(0, 8, 16, 17, 24, 25, bits));
  const entry = fc.tuple(closeAddress(family), length, fc.nat({ max: 0xffffff })).map(([address, n, value]) => ({
    prefix: parsePrefix(formatPrefix({ address, length: n })),
    value,
  }));
  return fc.uniqueArray(entry, { maxLength: 40, selector: ({ prefix }) => formatPrefix(prefix) });
}

describe.each([
  [4, buildLpm4, '0.0.0.0/0', ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3/32'], '10.1.2.3'],
  [6, buildLpm6, '::/0', ['2001::/16', '2001:db8::/32', '2001:db8::/64', '2001:db8::3/128'], '2001:db8::3'],
] as const)('longest-prefix table of IPv%i', (family, build, all, nested, inner) => {
  it('finds what a scan of all prefixes finds', () => {
    fc.assert(
      fc.property(anyEntries(family), fc.array(closeAddress(family), { maxLength: 60 }), (entries, addresses) => {
        const image = inImage(build(entries));
        // First and last address of each prefix too, where off-by-one errors would show.
        const last = ({ prefix: { address, length } }: LpmEntry): Address => ({
          family,
          bytes: address.bytes.map((byte, i) => byte | (0xff >> Math.min(Math.max(length - i * 8, 0), 8))),
        });
        for (const a of [...addresses, ...entries.map(({ prefix }) => prefix.address), ...entries.map(last)]) {
          expect(lookup(image, a)).toBe(longestByScan(entries, a));
        }
      }),
    );
  });

  it('peels off nested prefixes from the longest to the default', () => {
    const entries = [all, ...nested].map((text, value) => ({ prefix: parsePrefix(text), value }));
    for (let n = entries.length; n > 0; n--) {
      // Longest first in the input: the order must not matter.
      expect(lookup(inImage(build(entries.slice(0, n).reverse())), parseAddress(inner))).toBe(n - 1);
    }
  });

  it('answers −1 when it is empty', () => {
    expect(lookup(inImage(build([])), parseAddress(inner))).toBe(-1);
  });

  it('holds values from 0 to 16777215 and refuses others', () => {
    const withValue = (value: number) => [{ prefix: parsePrefix(all), value }];
    for (const value of [0, 0xffffff])
      expect(lookup(inImage(build(withValue(value))), parseAddress(inner))).toBe(value);
    for (const value of [-1, 0.5, 0x1000000, Number.NaN]) {
      expect(() => build(withValue(value))).toThrow(expect.objectContaining({ code: 'LB_LPM_VALUE' }));
    }
  });

  it('refuses a prefix twice and the other family', () => {
    const twice = [inner, all, inner].map((text, value) => ({ prefix: parsePrefix(text), value }));
    expect(() => build(twice)).toThrow(expect.objectContaining({ code: 'LB_LPM_DUPLICATE_PREFIX' }));
    const other = [{ prefix: parsePrefix(family === 4 ? '::/0' : '0.0.0.0/0'), value: 1 }];
    expect(() => build(other)).toThrow(expect.objectContaining({ code: 'LB_LPM_FAMILY' }));
  });
});

it('a large table of each family agrees with the scan', () => {
  const entries4: LpmEntry[] = [];
  const entries6: LpmEntry[] = [];
  for (let i = 0; i < 2000; i++) {
    entries4.push({ prefix: parsePrefix(`${i & 0xff}.${i >> 8}.${(i * 7) & 0xff}.0/24`), value: i });
    entries6.push({ prefix: parsePrefix(`2001:${i.toString(16)}::/${i % 2 ? 48 : 64}`), value: i });
  }
  const image4 = inImage(buildLpm4(entries4));
  const image6 = inImage(buildLpm6(entries6));
  for (let i = 0; i < 2000; i++) {
    expect(lookup(image4, entries4[i].prefix.address)).toBe(i);
    expect(lookup(image6, entries6[i].prefix.address)).toBe(i);
  }
});
