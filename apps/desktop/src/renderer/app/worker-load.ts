import { type RatePair, ratePair, type TimedSample } from '../stores/index.js';

export interface WorkerLoad {
  readonly worker: number;
  /** Part of the time that it spent on packets, 0 to 1; null: not known. */
  readonly load: number | null;
}

/** How busy each worker was lately. */
export function workerLoads(samples: readonly TimedSample[]): WorkerLoad[] {
  const pair = ratePair(samples);
  const workers = samples.at(-1)?.sample.workers ?? [];
  return workers.map(({ worker }) => ({ worker, load: pair === undefined ? null : loadOf(pair, worker) }));
}

function loadOf({ before, after }: RatePair, worker: number): number | null {
  const [from, to] = [before, after].map(({ workers }) => workers.find((other) => other.worker === worker));
  if (from === undefined || to === undefined) return null;
  const alive = to.aliveMs - from.aliveMs;
  // A worker that was started anew counts from 0.
  if (alive <= 0 || to.busyMs < from.busyMs) return null;
  return Math.min(1, (to.busyMs - from.busyMs) / alive);
}
