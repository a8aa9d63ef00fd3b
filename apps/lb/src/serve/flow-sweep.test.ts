import { FlowTable } from '@lb/core';
import { expect, it } from 'vitest';
import { FlowSweep } from './flow-sweep.js';

/** A table with `flows` flows of values 1, 2 and 3 in turns, which end at tick 100. */
function tableWith(lines: number, flows: number): FlowTable {
  const table = new FlowTable({ lines, secret: [1, 2, 3, 4] });
  for (let k = 0; k < flows; k++) {
    table.allowMoves();
    table.insert(Math.imul(k + 1, 0x9e3779b1), k, 0, 100, 1 + (k % 3));
  }
  return table;
}

it('publishes the flows of each value after a full pass, and not before', () => {
  const published = new Float64Array(4);
  const sweep = new FlowSweep(tableWith(256, 300), published, 0);
  sweep.step(200, 1);
  expect([...published]).toEqual([0, 0, 0, 0]);
  sweep.step(400, 1);
  sweep.step(600, 1);
  expect([...published]).toEqual([0, 100, 100, 100]);
});

it('forgets flows that have ended', () => {
  const published = new Float64Array(4);
  const table = tableWith(64, 90);
  const sweep = new FlowSweep(table, published, 0);
  sweep.step(1000, 1);
  expect([...published]).toEqual([0, 30, 30, 30]);
  sweep.step(2000, 101);
  expect([...published]).toEqual([0, 0, 0, 0]);
  expect(table.sweep(0, 64, 0)).toBe(0);
});

it('does no more than a part of a large table at once, and still comes round', () => {
  const published = new Float64Array(4);
  const sweep = new FlowSweep(tableWith(16384, 3000), published, 0);
  const passes = Array.from({ length: 5 }, (_, i) => {
    sweep.step((i + 1) * 10_000, 1);
    return published[1];
  });
  expect(passes).toEqual([0, 0, 0, 1000, 1000]);
});
