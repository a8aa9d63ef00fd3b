import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quotas } from './quotas.js';

/** Largest remainder with BigInt: the plain statement of the rule. */
function byBigInt(weights: number[], newLen: number): number[] {
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  const products = weights.map((weight) => BigInt(weight) * BigInt(newLen));
  const quota = products.map((product) => Number(product / sum));
  const left = newLen - quota.reduce((a, b) => a + b, 0);
  const order = products
    .map((product, i) => ({ rest: product % sum, i }))
    .sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest > b.rest ? -1 : 1));
  for (const { i } of order.slice(0, left)) quota[i]++;
  return quota;
}

it('is exact for weights of every size', () => {
  const weight = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2 ** 48 }));
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 12 }), fc.nat({ max: 24 }), (weights, bits) => {
      expect([...quotas(Float64Array.from(weights), 2 ** bits)]).toEqual(byBigInt(weights, 2 ** bits));
    }),
    { numRuns: 500 },
  );
});

it('holds weights where VPP distorts them: 20 ASs of weight 100 and one of 52 on 1024 buckets', () => {
  const quota = quotas(Float64Array.from([...Array(20).fill(100), 52]), 1024);
  expect(quota[20]).toBe(26);
  expect([...quota.subarray(0, 20)].every((n) => n === 49 || n === 50)).toBe(true);
});

it('gives what is left among equals to those in front', () => {
  expect([...quotas(Float64Array.from([1, 1, 1]), 4)]).toEqual([2, 1, 1]);
  expect([...quotas(Float64Array.from([7, 7, 7, 7, 7]), 2)]).toEqual([1, 1, 0, 0, 0]);
  expect([...quotas(Float64Array.from([2 ** 52]), 2 ** 24)]).toEqual([2 ** 24]);
});
