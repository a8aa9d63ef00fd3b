import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address.js';
import { buildMaglevTable } from './maglev-table.js';
import { diffTables } from './table-diff.js';
import { arbitraryAss, arbitraryNewLen, assOf, namedBuckets, numberedAss, shuffled } from './tables.testkit.js';
import type { WeightedAs } from './weighted-as.js';

interface Vector {
  newLen: number;
  ass: Record<string, number>;
  buckets: string[];
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL('../test/vectors/maglev-tables.json', import.meta.url), 'utf8'),
);

function countBuckets(table: Int32Array, ass: readonly WeightedAs[]): number[] {
  const counts: number[] = Array(ass.length).fill(0);
  for (const index of table) if (index >= 0) counts[index]++;
  return counts;
}

describe('buildMaglevTable', () => {
  it('fills every bucket with shares within one bucket of ideal, for every set of weights', () => {
    fc.assert(
      fc.property(arbitraryAss(), arbitraryNewLen(), (ass, newLen) => {
        const table = buildMaglevTable(ass, newLen);
        const sum = ass.reduce((total, { weight }) => total + weight, 0);
        expect(table.length).toBe(newLen);
        if (sum === 0) {
          expect(table.every((index) => index === -1)).toBe(true);
          return;
        }
        expect(table.every((index) => index >= 0 && ass[index].weight > 0)).toBe(true);
        countBuckets(table, ass).forEach((count, i) => {
          const floor = Number((BigInt(ass[i].weight) * BigInt(newLen)) / BigInt(sum));
          expect([floor, floor + 1]).toContain(count);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('depends on the set only, not on the order of the ASs nor on those of weight 0', () => {
    fc.assert(
      fc.property(arbitraryAss(), arbitraryNewLen(), fc.integer(), (ass, newLen, seed) => {
        const expected = namedBuckets(buildMaglevTable(ass, newLen), ass);
        for (const other of [ass, shuffled(ass, seed), ass.filter(({ weight }) => weight > 0)]) {
          expect(namedBuckets(buildMaglevTable(other, newLen), other)).toEqual(expected);
        }
      }),
    );
  });

  it('takes only the ratios of weights', () => {
    const ass = numberedAss([100, 50, 1, 0, 7]);
    const tripled = ass.map((as) => ({ ...as, weight: as.weight * 3 }));
    expect(buildMaglevTable(tripled, 1024)).toEqual(buildMaglevTable(ass, 1024));
  });

  it('gives 10.0.0.1 to 10.0.0.5 with weights 100/50/1/0 one table in every order', () => {
    const ass = numberedAss([100, 50, 1, 0, 100]);
    const table = buildMaglevTable(ass, 1024);
    // Ideals: 408.0, 204.0, 4.08, 0, 408.0.
    expect(countBuckets(table, ass)).toEqual([408, 204, 4, 0, 408]);
    for (let seed = 1; seed < 30; seed++) {
      const other = shuffled(ass, seed);
      expect(namedBuckets(buildMaglevTable(other, 1024), other)).toEqual(namedBuckets(table, ass));
    }
  });

  it.each(vectors)(
    'builds the $newLen buckets that an independent model builds',
    ({ newLen, ass: weights, buckets }) => {
      const ass = assOf(weights);
      const table = buildMaglevTable(ass, newLen);
      expect([...table].map((index) => formatAddress(ass[index].address))).toEqual(buckets);
    },
  );

  it('moves few other buckets when one AS leaves or comes', () => {
    // Measured over thousands of sets: on average below 0.9 √newLen, at most 2.7 √newLen.
    const bound = (newLen: number) => 4 * Math.sqrt(newLen);
    const input = fc.constantFrom(256, 1024, 4096).chain((newLen) => fc.tuple(arbitraryAss(60), fc.constant(newLen)));
    fc.assert(
      fc.property(input, fc.nat(), ([all, newLen], pick) => {
        fc.pre(all.length > 1);
        const gone = pick % all.length;
        const rest = all.filter((_, i) => i !== gone);
        const [a, b] = [all, rest].map((ass) => ({ table: buildMaglevTable(ass, newLen), ass }));
        expect(diffTables(a, b).unrelated).toBeLessThanOrEqual(bound(newLen));
        expect(diffTables(b, a).unrelated).toBe(diffTables(a, b).unrelated);
      }),
    );
  });

  it('moves little more than it must when one of 100 equal ASs leaves', () => {
    const all = numberedAss(Array(100).fill(100));
    const before = { table: buildMaglevTable(all, 65536), ass: all };
    for (const gone of [0, 33, 66, 99]) {
      const ass = all.filter((_, i) => i !== gone);
      const diff = diffTables(before, { table: buildMaglevTable(ass, 65536), ass });
      const own = before.table.filter((index) => index === gone).length;
      expect(own).toBeGreaterThanOrEqual(655);
      expect(diff.moved - diff.unrelated).toBe(own);
      expect(diff.unrelated).toBeLessThan(300);
    }
  });

  it('takes more ASs than buckets, one AS, and one bucket', () => {
    const many = numberedAss(Array(40).fill(1));
    expect(new Set(buildMaglevTable(many, 16)).size).toBe(16);
    expect([...buildMaglevTable(numberedAss([9]), 8)]).toEqual(Array(8).fill(0));
    expect([...buildMaglevTable(assOf({ '::1': 1, '::2': 1000 }), 1)]).toEqual([1]);
    expect([...buildMaglevTable([], 4)]).toEqual([-1, -1, -1, -1]);
  });

  it('tells ::10.0.0.1 and 10.0.0.1 apart, whose 16 bytes are the same', () => {
    const ass = assOf({ '10.0.0.1': 1, '::10.0.0.1': 1 });
    const swapped = [...ass].reverse();
    const table = buildMaglevTable(ass, 64);
    expect(countBuckets(table, ass)).toEqual([32, 32]);
    expect([...buildMaglevTable(swapped, 64)]).toEqual([...table].map((index) => 1 - index));
  });

  it.each([0, -1, 3, 1000, 1.5, Number.NaN, 2 ** 25, 2 ** 32])('refuses %d buckets', (newLen) => {
    const message = expect.stringContaining(`new_len ${newLen} must be a power of two`);
    expect(() => buildMaglevTable([], newLen)).toThrow(expect.objectContaining({ code: 'LB_TABLE_NEW_LEN', message }));
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses the weight %d', (weight) => {
    const ass = [{ address: parseAddress('10.0.0.1'), weight }];
    expect(() => buildMaglevTable(ass, 4)).toThrow(expect.objectContaining({ code: 'LB_TABLE_WEIGHT' }));
  });

  it('refuses one address twice, whatever its weights', () => {
    const ass = [...assOf({ '10.0.0.1': 1, '10.0.0.2': 0 }), ...assOf({ '10.0.0.2': 5 })];
    const message = 'AS 10.0.0.2 is named twice';
    expect(() => buildMaglevTable(ass, 4)).toThrow(expect.objectContaining({ code: 'LB_TABLE_DUPLICATE_AS', message }));
  });
});
