import { COUNTER_VALUES, Counters, type WorkerGroup } from '@lb/dataplane';
import { expect, it } from 'vitest';
import { SlotCounters } from './slot-counters.js';

const NONE = { existing: 0, first: 0, untracked: 0, noServer: 0, natReturn: 0 };

function setUp() {
  const counters = new Counters(new Float64Array(COUNTER_VALUES));
  const slots = new SlotCounters(counters as unknown as WorkerGroup);
  return { slots, addVip: (slot: number, n: number) => add(counters, counters.vipsAt + slot * 8, n), counters };
}

function add({ values }: Counters, at: number, n: number): void {
  values[at] += n;
}

it('counts for the owner of a VIP slot from when all workers use its image', () => {
  const { slots, addVip } = setUp();
  slots.assignVips(new Map([[3, 'a']]), 1);
  addVip(3, 10);
  expect(slots.vip(3).existing).toBe(10);
  slots.assignVips(new Map([[3, 'b']]), 2);
  addVip(3, 5);
  expect(slots.vip(3)).toEqual(NONE);
  slots.acknowledged(1);
  expect(slots.vip(3)).toEqual(NONE);
  slots.acknowledged(2);
  addVip(3, 7);
  expect(slots.vip(3).existing).toBe(7);
});

it('remembers who had a slot that was free in between', () => {
  const { slots, addVip } = setUp();
  slots.assignVips(new Map([[0, 'a']]), 1);
  addVip(0, 10);
  slots.assignVips(new Map(), 2);
  slots.assignVips(new Map([[0, 'a']]), 3);
  expect(slots.vip(0).existing).toBe(10);
  slots.assignVips(new Map(), 4);
  slots.assignVips(new Map([[0, 'b']]), 5);
  slots.acknowledged(5);
  expect(slots.vip(0)).toEqual(NONE);
});

it('begins an AS slot at zero when it is released', () => {
  const { slots, counters } = setUp();
  add(counters, counters.assAt, 4);
  add(counters, counters.assAt + 1, 400);
  expect(slots.as(0)).toMatchObject({ packets: 4, bytes: 400 });
  slots.releaseAs(0);
  expect(slots.as(0)).toMatchObject({ packets: 0, bytes: 0 });
});
