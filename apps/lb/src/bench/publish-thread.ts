import { parentPort, workerData } from 'node:worker_threads';
import { Engine, type Image, type ImageFeed, ImageFollower, MemoryQueue, TrafficGenerator } from '@lb/dataplane';
import { BenchMemory } from './bench-memory.js';
import { linesFor } from './engine-case.js';
import { benchVip } from './vip-types.js';

export interface PublishSetup {
  readonly feed: ImageFeed;
  /** Ends after so many changes. */
  readonly changes: number;
}

const FLOWS = 1_000;

/*
 * The entry of a worker that balances without a pause, and times each change over to a new image; when it has seen them
 * all it says how many microseconds of processor time each took. As in a real worker, what is timed is everything between two bursts.
 */
const memory = new BenchMemory();
const { feed, changes } = workerData as PublishSetup;
const follower = new ImageFollower(feed);
const vip = benchVip('ip4-gre4', 0);
const generator = new TrafficGenerator({
  targets: [{ prefix: vip.prefix, protocol: 17, port: 0 }],
  flows: FLOWS,
  packetSize: 64,
});
const queue = new MemoryQueue({ generator });
let first: Image | undefined;
while (first === undefined) first = follower.poll();
const engine = new Engine({ image: first, source: queue, flowTableLines: linesFor(FLOWS) });
follower.acknowledge(first);
const took: number[] = [];
while (took.length < changes) {
  const from = memory.clock();
  const image = follower.poll();
  if (image !== undefined) {
    engine.setImage(image);
    follower.acknowledge(image);
    took.push((memory.clock() - from - memory.clockNs) / 1000);
  }
  engine.poll(queue);
}
parentPort?.postMessage(took);
