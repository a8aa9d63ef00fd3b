import { NativePool, NativeQueue, NativeQueues, nativeLibrary } from '../native/index.js';
import { TrafficGenerator } from '../queues/traffic-generator.js';
import { EmbeddedQueue } from './embedded-queue.js';
import type { LiveQueue, Patience } from './live-queue.js';
import type { NativeQueueSetup, WorkerSetup } from './worker-setup.js';

/**
 * An empty rx costs 100 to 200 ns, so a worker stays awake some 30 µs for the next packet: about what waking it takes.
 * The longest sleep bounds how late a sleeping worker sees a command, should nothing wake it.
 */
const PATIENCE: Patience = { dryBelow: 1, spins: 200, shortestUs: 1000, longestUs: 20_000 };

class LiveNativeQueues extends NativeQueues implements LiveQueue {
  readonly patience = PATIENCE;
}

/** The worker's end of its queue: made here (memory), or attached to what the supervisor opened (native). */
export function openQueue(setup: WorkerSetup): LiveQueue {
  const { queue } = setup;
  if (queue.kind === 'native') return attachNative(queue, setup.library);
  return new EmbeddedQueue(setup.memory.status, { generator: new TrafficGenerator(queue.traffic), rate: queue.rate });
}

function attachNative({ pool, queues, punts, kernel }: NativeQueueSetup, path: string): LiveQueue {
  const library = nativeLibrary(path);
  const attach = (handle: number) => NativeQueue.attach(handle, library);
  return new LiveNativeQueues({
    pool: NativePool.attach(pool, library),
    queues: queues.map(attach),
    punts: punts.map((handle) => (handle === 0 ? undefined : attach(handle))),
    ...(kernel !== 0 && { kernel: attach(kernel) }),
  });
}
