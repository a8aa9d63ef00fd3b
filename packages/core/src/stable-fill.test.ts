import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quotas } from './quotas.js';
import { type Claimants, claimKey, stableFill } from './stable-fill.js';

/**
 * The slow, obvious version: all pairs of AS and bucket in the order of their keys; a pair is taken when both are free.
 * With keys that both sides share, that is the one stable result.
 */
function fillByAllPairs({ weight, quota, offset, skip }: Claimants, newLen: number): number[] {
  const pairs: { key: number; as: number; bucket: number }[] = [];
  for (let as = 0; as < weight.length; as++) {
    for (let claim = 0; claim < newLen; claim++) {
      const bucket = (offset[as] + Math.imul(claim, skip[as])) & (newLen - 1);
      pairs.push({ key: claimKey(claim, weight[as], newLen), as, bucket });
    }
  }
  pairs.sort((a, b) => a.key - b.key || a.as - b.as);
  const table: number[] = Array(newLen).fill(-1);
  const need = [...quota];
  for (const { as, bucket } of pairs) {
    if (need[as] === 0 || table[bucket] >= 0) continue;
    table[bucket] = as;
    need[as]--;
  }
  return table;
}

const anyClaimants = (newLen: number): fc.Arbitrary<Claimants> => {
  const weight = fc.oneof(fc.constant(100), fc.constantFrom(1, 10, 50, 100), fc.integer({ min: 1, max: 1e9 }));
  // Offsets and skips from few values too: permutations that run into each other.
  const word = fc.oneof(fc.integer(), fc.nat({ max: 3 }));
  const column = fc.array(fc.tuple(weight, word, word), { minLength: 1, maxLength: 12 });
  return column.map((rows) => {
    const weights = Float64Array.from(rows, ([w]) => w);
    return {
      weight: weights,
      quota: quotas(weights, newLen),
      offset: Int32Array.from(rows, ([, offset]) => offset),
      skip: Int32Array.from(rows, ([, , skip]) => skip | 1),
    };
  });
};

it('finds the stable result that going through all pairs finds', () => {
  const newLen = fc.constantFrom(1, 2, 4, 16, 64, 256);
  const input = newLen.chain((n) => fc.tuple(anyClaimants(n), fc.constant(n)));
  fc.assert(
    fc.property(input, ([claimants, n]) => {
      expect([...stableFill(claimants, n)]).toEqual(fillByAllPairs(claimants, n));
    }),
    { numRuns: 400 },
  );
});

it('ranks claims of one AS strictly in order, and the larger weight first', () => {
  for (const newLen of [1, 2, 1024, 2 ** 24]) {
    for (let n = 0; n < 300; n++) {
      const claim = Math.floor((n / 300) * newLen);
      if (claim + 1 < newLen) expect(claimKey(claim, 3, newLen)).toBeLessThan(claimKey(claim + 1, 3, newLen));
      expect(claimKey(claim, 100, newLen)).toBeLessThan(claimKey(claim, 99, newLen));
    }
  }
});
