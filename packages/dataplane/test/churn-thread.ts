import { workerData } from 'node:worker_threads';
import { parsePrefix } from '@lb/core';
import { Image } from '../src/image/image.js';
import { Engine } from '../src/pipeline/engine.js';
import { MemoryQueue } from '../src/queues/memory-queue.js';
import { TrafficGenerator } from '../src/queues/traffic-generator.js';
import type { ChurnSetup } from './flow-churn.test.js';

/*
 * A worker whose clock runs with its bursts: entries end after as many bursts as the timeout has ticks, and every packet
 * makes, moves or replaces one, as fast as a thread can. Ends when told.
 */
const { image, lines, secret, flows, flowDetails, shared } = workerData as ChurnSetup;
const targets = [{ prefix: parsePrefix('90.0.0.0/8'), protocol: 17, port: 0 } as const];
const queue = new MemoryQueue({
  generator: new TrafficGenerator({ targets, flows: 10_000_000, packetSize: 64, seed: 1 }),
  clock: () => shared[0],
});
const engine = new Engine({
  image: new Image(image),
  source: queue,
  flowTableLines: lines,
  secret,
  flowMemory: flows,
  ...(flowDetails && { flowDetails }),
});
while (Atomics.load(shared, 1) === 0) {
  engine.poll(queue);
  Atomics.add(shared, 0, 1);
}
