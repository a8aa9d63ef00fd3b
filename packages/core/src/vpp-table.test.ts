import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from './address.js';
import { arbitraryAss, arbitraryNewLen, assOf, namedBuckets, numberedAss, shuffled } from './tables.testkit.js';
import { buildVppTable } from './vpp-table.js';
import { activeByAddress, type WeightedAs } from './weighted-as.js';
import { xxh64 } from './xxh64.js';

/** A vector file: the ASs from its head, and the address of each bucket. */
function readVector(name: string): { ass: WeightedAs[]; buckets: string[] } {
  const lines = readFileSync(new URL(`../test/vectors/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const head = lines.find((line) => line.startsWith('# ASs:'))!;
  const weights = [...head.matchAll(/([0-9a-f:.]+) weight (\d+)/g)].map(([, text, weight]) => [text, Number(weight)]);
  const buckets: string[] = [];
  for (const line of lines.filter((text) => !text.startsWith('#'))) {
    const [bucket, address] = line.split(' ');
    buckets[Number(bucket)] = address;
  }
  return { ass: assOf(Object.fromEntries(weights)), buckets };
}

/** The rule of VPP's table as it is worded, with every replica an object and no shortcut. */
function plainVppTable(ass: readonly WeightedAs[], newLen: number): number[] {
  const mask = newLen - 1;
  const order = activeByAddress(ass);
  const entries: { as: number; position: number; skip: number }[] = [];
  for (let replica = 0; replica < Math.max(0, ...ass.map(({ weight }) => weight)); replica++) {
    for (const as of order.filter((index) => ass[index].weight > replica)) {
      const full = Buffer.alloc(16);
      full.set(ass[as].address.bytes, 16 - ass[as].address.bytes.length);
      const value = Buffer.alloc(8);
      value.writeBigUInt64LE(full.readBigUInt64LE(0) ^ full.readBigUInt64LE(8) ^ BigInt(replica));
      const seed = xxh64(value, 0x9e3779b97f4a7c13n);
      const skip = (Number(seed & 0xffffffffn) | 1) & mask;
      entries.push({ as, position: Number(seed >> 32n) & mask, skip });
    }
  }
  const table: number[] = Array(newLen).fill(-1);
  for (let filled = 0; entries.length > 0 && filled < newLen; ) {
    for (const entry of entries) {
      if (filled === newLen) break;
      while (table[entry.position] >= 0) entry.position = (entry.position + entry.skip) & mask;
      table[entry.position] = entry.as;
      filled++;
    }
  }
  return table;
}

describe('buildVppTable', () => {
  it.each([
    ['vpp-table-ip4-gre4-1024.txt', 5, 1024],
    ['vpp-table-ip4-gre6-4096.txt', 3, 4096],
  ])('builds %s, read from a running VPP', (name, asCount, newLen) => {
    const { ass, buckets } = readVector(name);
    expect(ass.length).toBe(asCount);
    expect(buckets.length).toBe(newLen);
    for (const order of [ass, ...[1, 2, 3, 4, 5].map((seed) => shuffled(ass, seed))]) {
      const table = buildVppTable(order, newLen);
      expect([...table].map((index) => formatAddress(order[index].address))).toEqual(buckets);
    }
  });

  it('follows the rule for any set of ASs, also when the weights exceed the table', () => {
    const small = arbitraryAss(12).map((ass) => ass.map((as) => ({ ...as, weight: as.weight % 120 })));
    fc.assert(
      fc.property(small, arbitraryNewLen(512), (ass, newLen) => {
        expect([...buildVppTable(ass, newLen)]).toEqual(plainVppTable(ass, newLen));
      }),
    );
  });

  it('does not depend on the order of the ASs', () => {
    fc.assert(
      fc.property(arbitraryAss(), arbitraryNewLen(256), fc.integer(), (ass, newLen, seed) => {
        const other = shuffled(ass, seed);
        const expected = namedBuckets(buildVppTable(ass, newLen), ass);
        expect(namedBuckets(buildVppTable(other, newLen), other)).toEqual(expected);
      }),
    );
    const ass = numberedAss([100, 50, 1, 0, 100]);
    const expected = namedBuckets(buildVppTable(ass, 1024), ass);
    expect(namedBuckets(buildVppTable(shuffled(ass, 77), 1024), shuffled(ass, 77))).toEqual(expected);
  });

  it('has no server in any bucket without a weight', () => {
    expect([...buildVppTable(numberedAss([0, 0]), 4)]).toEqual([-1, -1, -1, -1]);
    expect([...buildVppTable([], 1)]).toEqual([-1]);
  });

  it('refuses what no table can be built for', () => {
    expect(() => buildVppTable([], 1000)).toThrow(expect.objectContaining({ code: 'LB_TABLE_NEW_LEN' }));
    expect(() => buildVppTable(numberedAss([1.5]), 4)).toThrow(expect.objectContaining({ code: 'LB_TABLE_WEIGHT' }));
    const twice = [...numberedAss([1]), ...numberedAss([1])];
    expect(() => buildVppTable(twice, 4)).toThrow(expect.objectContaining({ code: 'LB_TABLE_DUPLICATE_AS' }));
  });
});
