import { expect, it } from 'vitest';
import type { TimedSample } from '../stores/index.js';
import { NOW, oneVip, sampleOf } from '../stores/stores.testkit.js';
import { workerLoads } from './worker-load.js';

function timed(second: number, busyMs: number, aliveMs: number): TimedSample {
  const sample = sampleOf(oneVip(1), { at: new Date(NOW + second * 1000).toISOString(), uptimeSec: 60 + second });
  const worker = { worker: 0, state: 'running', starts: 1, busyMs, aliveMs, waits: 0, received: 0, bursts: 0 };
  return {
    receivedAt: NOW + second * 1000,
    sample: { ...sample, workers: [{ ...worker, held: 0, unsent: 0, unpunted: 0, queues: [] }] },
  };
}

it('is the part of the time that was spent on packets', () => {
  expect(workerLoads([timed(0, 100, 1000), timed(1, 710, 2000)])).toEqual([{ worker: 0, load: 0.61 }]);
});

it('is not known at first, and over a restart of the worker', () => {
  expect(workerLoads([timed(0, 100, 1000)])).toEqual([{ worker: 0, load: null }]);
  expect(workerLoads([timed(0, 900, 90_000), timed(1, 10, 500)])).toEqual([{ worker: 0, load: null }]);
});
