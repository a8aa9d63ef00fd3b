import type { Daemon } from '../support/daemon.js';
import { until } from '../support/until.js';

/** Kills a worker; returns when it is back. */
export async function killWorker(daemon: Daemon, worker: number): Promise<void> {
  const times = () => daemon.output.split(`worker ${worker} is back`).length;
  const before = times();
  await daemon.ask('POST', `/v1/debug/workers/${worker}/kill`);
  await until(`worker ${worker} is back`, () => times() > before);
}
