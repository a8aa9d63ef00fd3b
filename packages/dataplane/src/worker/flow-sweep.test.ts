import { FlowTable } from '@lb/core';
import { expect, it } from 'vitest';
import { FlowState } from '../image/lifetimes.js';
import { type FlowCounts, FlowSweep } from './flow-sweep.js';

const LINES = 64;
const SECRET = [1, 2, 3, 4] as const;

function table(flows: number): FlowTable {
  const made = new FlowTable({ lines: LINES, secret: SECRET });
  // Values 1, 2 and 3 in turn; those of 3 end at tick 10, the others at 100.
  for (let k = 0; k < flows; k++) made.insert(k, k ^ 0x5a5a, 0, k % 3 === 2 ? 10 : 100, 1 + (k % 3));
  return made;
}

function counts(values: number): FlowCounts {
  return { values: new Float64Array(values), states: new Float64Array(4) };
}

it('counts live flows by value, spread over the time of a pass', () => {
  const published = counts(10);
  const sweep = new FlowSweep(table(90), 500, 0, published);
  let steps = 0;
  for (let ms = 10; !sweep.step(ms, 0, 5); ms += 10) steps++;
  expect(steps).toBeGreaterThan(40);
  expect([...published.values]).toEqual([0, 30, 30, 30, 0, 0, 0, 0, 0, 0]);
  expect(sweep.atStart).toBe(true);
});

it('counts live flows by the state of their connection, anew in every pass', () => {
  const flows = table(90);
  for (let k = 0; k < 90; k++) {
    const at = flows.find(k, k ^ 0x5a5a, 0);
    flows.setValue(at, flows.valueAt(at) | [FlowState.ESTABLISHED, FlowState.OPENING, FlowState.CLOSING][k % 3]);
  }
  const published = counts(5);
  const sweep = new FlowSweep(flows, 500, 0, published);
  sweep.step(1000, 0, 5);
  expect([...published.states]).toEqual([30, 30, 30, 0]);
  // Those that are closing have ended by then.
  sweep.step(2000, 50, 5);
  expect([...published.states]).toEqual([30, 30, 0, 0]);
});

it('clears what has expired, and does not count it twice', () => {
  const published = counts(5);
  const swept = table(90);
  const sweep = new FlowSweep(swept, 500, 0, published);
  for (const [ms, tick] of [
    [1000, 50],
    [2000, 50],
  ]) {
    expect(sweep.step(ms, tick, 5)).toBe(true);
    expect([...published.values]).toEqual([0, 30, 30, 0, 0]);
  }
  // Not even at a tick at which they would be live again.
  expect(swept.sweep(0, LINES, 5)).toBe(60);
});

it('does not catch up on a pause at one go', () => {
  const large = new FlowTable({ lines: 1 << 16, secret: SECRET });
  const sweep = new FlowSweep(large, 1, 0);
  expect(sweep.step(1e6, 0, 0)).toBe(false);
});
