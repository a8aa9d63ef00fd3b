import { frameViews } from '@lb/encap';
import { expect, it } from 'vitest';
import { Burst } from '../burst.js';
import { Verdict } from '../verdicts.js';
import type { Words } from './library.js';
import type { NativePool } from './native-pool.js';
import type { NativeQueue } from './native-queue.js';
import { NativeQueues } from './native-queues.js';

/** A ring that takes so many packets at each call, and then no more. */
class Ring {
  readonly handle = 1;
  readonly sent: number[] = [];

  constructor(private readonly room: number[]) {}

  tx(offset: Words, _length: Words, n: number): number {
    const taken = Math.min(n, this.room.shift() ?? 0);
    this.sent.push(...offset.subarray(0, taken));
    return taken;
  }
}

function rig(...rings: Ring[]) {
  const freed: number[] = [];
  const free = (offset: Words, n: number) => freed.push(...offset.subarray(0, n));
  const pool = { frames: frameViews(new ArrayBuffer(64)), free } as unknown as NativePool;
  const queues = new NativeQueues({ pool, queues: rings as unknown as NativeQueue[] });
  const burst = new Burst();
  burst.count = 6;
  burst.offset.set([10, 20, 30, 40, 50, 60]);
  burst.verdict.fill(Verdict.FORWARD, 0, 6);
  return { queues, burst, freed };
}

it('sends a burst that goes one way at once', () => {
  const ring = new Ring([6]);
  const { queues, burst, freed } = rig(ring);
  queues.tx(burst);
  expect(ring.sent).toEqual([10, 20, 30, 40, 50, 60]);
  expect(freed).toEqual([]);
});

it('offers a ring that was full the rest again, in order', () => {
  const ring = new Ring([2, 1, 0, 3]);
  const { queues, burst, freed } = rig(ring);
  queues.tx(burst);
  expect(ring.sent).toEqual([10, 20, 30, 40, 50, 60]);
  expect(freed).toEqual([]);
  expect(queues.unsent).toBe(0);
});

it('gives back and counts what a ring that stays full does not take', () => {
  const ring = new Ring([4]);
  const { queues, burst, freed } = rig(ring);
  queues.tx(burst);
  expect(ring.sent).toEqual([10, 20, 30, 40]);
  expect(freed).toEqual([50, 60]);
  expect(queues.unsent).toBe(2);
});

it('tells packets of one burst apart that go different ways', () => {
  const rings = [new Ring([6]), new Ring([6])] as const;
  const { queues, burst, freed } = rig(...rings);
  burst.output[4] = 1;
  burst.verdict[5] = Verdict.DROP;
  queues.tx(burst);
  expect(rings.map(({ sent }) => sent)).toEqual([[10, 20, 30, 40], [50]]);
  expect(freed).toEqual([60]);
  expect(queues.unsent).toBe(0);
});
