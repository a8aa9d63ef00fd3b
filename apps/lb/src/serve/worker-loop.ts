import { BURST_PACKETS, Counters, Engine, Image, MemoryQueue, monotonicClock, TrafficGenerator } from '@lb/dataplane';
import { FlowSweep } from './flow-sweep.js';
import { STOP, type WorkerSetup } from './worker-setup.js';

/** How long a worker sleeps when fewer packets wait than a burst holds. */
const IDLE_MS = 2;

/** Receives, processes and sends until told to stop. Blocks the thread. */
export function runWorker(setup: WorkerSetup): void {
  const { flowTableLines, flowMemory, secret, control, rate } = setup;
  const counters = new Counters(setup.counters);
  const image = new Image(setup.image);
  const queue = new MemoryQueue({ generator: new TrafficGenerator(setup.traffic), rate });
  const engine = new Engine({ image, source: queue, flowTableLines, flowMemory, secret, counters });
  const sweep = new FlowSweep(engine.flows, setup.flows, performance.now());
  while (Atomics.load(control, STOP) === 0) {
    const received = engine.poll(queue);
    sweep.step(performance.now(), monotonicClock());
    // Returns at once when the word changes.
    if (received < BURST_PACKETS) Atomics.wait(control, STOP, 0, IDLE_MS);
  }
}
