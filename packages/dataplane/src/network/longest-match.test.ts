import { type Address, type Prefix, prefixContains } from '@lb/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LongestMatch } from './longest-match.js';

/** Few distinct bits, so that prefixes nest and addresses hit them. */
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length, max: 3 });
const addresses: fc.Arbitrary<Address> = fc.oneof(
  bytes(4).map((value) => ({ family: 4 as const, bytes: value })),
  bytes(16).map((value) => ({ family: 6 as const, bytes: value })),
);
const prefixes: fc.Arbitrary<Prefix> = addresses.chain((address) =>
  fc.integer({ min: 0, max: address.bytes.length * 8 }).map((length) => ({ address: cut(address, length), length })),
);

function cut(address: Address, length: number): Address {
  const kept = address.bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - i * 8))));
  return { family: address.family, bytes: kept };
}

/** The slow obvious version. */
function search(entries: readonly Prefix[], address: Address): number | undefined {
  let best: number | undefined;
  entries.forEach((prefix, i) => {
    if (!prefixContains(prefix, address)) return;
    if (best === undefined || prefix.length > entries[best].length) best = i;
  });
  return best;
}

describe('LongestMatch', () => {
  it('finds what a search through all prefixes finds', () => {
    fc.assert(
      fc.property(fc.array(prefixes, { maxLength: 30 }), fc.array(addresses, { maxLength: 20 }), (entries, asked) => {
        const match = new LongestMatch<number>();
        entries.forEach((prefix, i) => {
          match.add(prefix, i);
        });
        for (const address of asked) expect(match.find(address)).toBe(search(entries, address));
      }),
    );
  });
});
