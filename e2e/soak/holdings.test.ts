import { closeSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { holdings, slope } from './holdings.js';

it('a process that opens a file holds one descriptor more', () => {
  const before = holdings(process.pid);
  const file = openSync('/dev/null', 'r');
  const now = holdings(process.pid);
  closeSync(file);
  expect(now.descriptors).toBe(before.descriptors + 1);
  expect(now.threads).toBeGreaterThan(1);
});

it('a slope is that of the line through points, and of the nearest line', () => {
  expect(
    slope([
      [1, 5],
      [2, 7],
      [3, 9],
    ]),
  ).toBe(2);
  expect(
    slope([
      [0, 0],
      [1, 2],
      [2, 1],
      [3, 3],
    ]),
  ).toBeCloseTo(0.8);
});
