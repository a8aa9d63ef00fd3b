import type { ImageFollower } from '../image/image-follower.js';
import { ImageFlag } from '../image/layout.js';
import type { Engine } from '../pipeline/engine.js';
import type { FlowSweep } from './flow-sweep.js';
import type { LiveQueue } from './live-queue.js';
import { Command, Gauge, Status } from './worker-status.js';

export interface LoopParts {
  readonly engine: Engine;
  readonly queue: LiveQueue;
  readonly follower: ImageFollower;
  /** Of the flow table, and of the NAT sessions. */
  readonly flowSweep: FlowSweep;
  readonly sessionSweep: FlowSweep;
  readonly status: Int32Array;
  readonly gauges: Float64Array;
}

/**
 * Receives, processes and sends until told to stop. Between two bursts it changes over to a new image, and sweeps a
 * piece of the tables. While packets come it polls without a pause; when they stop it asks a few more times, then
 * sleeps until the queue wakes it, or for twice as long every time.
 */
export function workerLoop(parts: LoopParts): void {
  const { engine, queue, follower, flowSweep, sessionSweep, status, gauges } = parts;
  const { dryBelow, spins, shortestUs, longestUs } = queue.patience;
  // What threads before this one have counted.
  const unsentBefore = gauges[Gauge.UNSENT];
  const unpuntedBefore = gauges[Gauge.UNPUNTED];
  let dry = 0;
  let sleepUs = shortestUs;
  let passRevision = engine.image.revision;
  let since = performance.now();
  for (let beat = 1; ; beat++) {
    const command = Atomics.load(status, Status.COMMAND);
    if (command !== Command.RUN) {
      if (command === Command.FAIL) throw new Error('told to fail');
      return;
    }
    status[Status.HEARTBEAT] = beat;
    const image = follower.poll();
    if (image !== undefined) {
      engine.setImage(image);
      follower.acknowledge(image);
    }
    const received = engine.poll(queue);
    const now = performance.now();
    const tick = engine.burst.now;
    if (flowSweep.atStart) passRevision = engine.image.revision;
    if (flowSweep.step(now, tick, engine.image.asSlots + 1)) {
      status[Status.PASS_REVISION] = passRevision;
      Atomics.add(status, Status.PASSES, 1);
    }
    if ((engine.image.flags & ImageFlag.HAS_NAT) !== 0) sessionSweep.step(now, tick, 0);
    if (received > 0) gauges[Gauge.BUSY_MS] += now - since;
    gauges[Gauge.ALIVE_MS] += now - since;
    gauges[Gauge.UNSENT] = unsentBefore + queue.unsent;
    gauges[Gauge.UNPUNTED] = unpuntedBefore + queue.unpunted;
    since = now;
    if (received > 0) sleepUs = shortestUs;
    if (received >= dryBelow) {
      dry = 0;
      continue;
    }
    if (dry++ < spins) continue;
    gauges[Gauge.WAITS] += 1;
    follower.rest();
    queue.wait(sleepUs);
    const woken = performance.now();
    gauges[Gauge.ALIVE_MS] += woken - since;
    since = woken;
    if (received === 0) sleepUs = Math.min(sleepUs * 2, longestUs);
  }
}
