import { expect, it } from 'vitest';
import { tableStats } from './table-stats.js';
import { numberedAss } from './tables.testkit.js';

it('counts buckets, shares and the worst excess over the ideal', () => {
  const stats = tableStats(Int32Array.of(0, 0, 0, 1, 2, 0, -1, 1), numberedAss([2, 1, 1, 0]));
  expect(stats).toEqual({
    newLen: 8,
    ass: [
      { buckets: 4, share: 0.5, ideal: 0.5 },
      { buckets: 2, share: 0.25, ideal: 0.25 },
      { buckets: 1, share: 0.125, ideal: 0.25 },
      { buckets: 0, share: 0, ideal: 0 },
    ],
    noServer: 1,
    imbalance: 1,
  });
  expect(tableStats(Int32Array.of(0, 0, 0, 1), numberedAss([1, 1])).imbalance).toBe(1.5);
});

it('has no imbalance where nothing is to be balanced', () => {
  const stats = tableStats(Int32Array.of(-1, -1), numberedAss([0]));
  expect(stats).toEqual({ newLen: 2, ass: [{ buckets: 0, share: 0, ideal: 0 }], noServer: 2, imbalance: 0 });
});
