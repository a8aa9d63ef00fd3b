import { buildMaglevTable, buildVppTable, parseAddress } from '@lb/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedImbalance } from './table-size.js';

test.each<['maglev' | 'vpp', number, number[], number]>([
  ['maglev', 1024, [], 1],
  ['maglev', 1024, [0, 0], 1],
  ['maglev', 1024, [100], 1],
  ['maglev', 1024, [100, 100, 100], 342 / (1024 / 3)],
  ['maglev', 4, [1, 1, 1], 2 / (4 / 3)],
  ['maglev', 2, [1, 1, 1, 1], 2],
  // The light AS gets one bucket instead of half a bucket; that is no load to speak of.
  ['maglev', 1024, [...Array.from({ length: 20 }, () => 100), 1], 52 / ((1024 * 100) / 2001)],
  ['vpp', 1024, [100, 100, 100], 342 / (1024 / 3)],
  // 1024 buckets dealt to 150 copies: some get 7, some 6.
  ['vpp', 1024, [100, 50], 7 / (1024 / 150)],
  ['vpp', 1024, [...Array.from({ length: 20 }, () => 100), 52], 2052 / 1024],
])('%s, %i buckets, weights %j', (table, newLen, weights, expected) => {
  expect(expectedImbalance(table, newLen, weights)).toBeCloseTo(expected, 12);
});

test('no AS of average weight or more gets more buckets in a real table', () => {
  const builders = { maglev: buildMaglevTable, vpp: buildVppTable };
  fc.assert(
    fc.property(
      fc.constantFrom('maglev' as const, 'vpp' as const),
      fc.integer({ min: 0, max: 9 }),
      fc.array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(100)), { minLength: 1, maxLength: 12 }),
      (kind, bits, weights) => {
        const newLen = 2 ** bits;
        const ass = weights.map((weight, i) => ({ address: parseAddress(`192.0.2.${i + 1}`), weight }));
        const sum = weights.reduce((total, weight) => total + weight, 0);
        const inUse = weights.filter((weight) => weight > 0).length;
        const table = builders[kind](ass, newLen);
        const bound = expectedImbalance(kind, newLen, weights);
        weights.forEach((weight, i) => {
          if (weight === 0 || weight * inUse < sum) return;
          const buckets = table.filter((as) => as === i).length;
          expect(buckets / ((newLen * weight) / sum)).toBeLessThanOrEqual(bound + 1e-9);
        });
      },
    ),
    { numRuns: 100 },
  );
});
