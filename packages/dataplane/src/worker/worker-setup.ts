import type { ImageFeed } from '../image/image-feed.js';
import type { Secret } from '../pipeline/engine.js';
import type { TrafficTarget } from '../queues/traffic-generator.js';
import type { FlowCounts } from './flow-sweep.js';
import type { SharedWords } from './shared-words.js';

/** Memory of a NAT session table. */
export interface SessionMemory {
  readonly words: SharedWords;
  readonly side: SharedWords;
}

/** The tables of a worker, which may outlive the process (flow-files.ts). */
export interface WorkerTables {
  readonly flows: SharedWords;
  readonly sessions: SessionMemory;
  /** Side words of the flow table, if it has details. */
  readonly flowDetails?: SharedWords;
}

/** What outlives a worker's threads. All of it is shared memory, and all but `status` and `feed` is the worker's to write. */
export interface WorkerMemory extends WorkerTables {
  /** See {@link Status}. */
  readonly status: Int32Array;
  /** See {@link Gauge}. */
  readonly gauges: Float64Array;
  /** See Counters. */
  readonly counters: Float64Array;
  /** Live flows, as of the last pass. Their values are AS slots + 1. */
  readonly flowCounts: FlowCounts;
  /** Through which packets are captured and traced: see tap/tap-layout.ts. */
  readonly tap: Int32Array;
}

/** Generated traffic, which vanishes when sent. */
export interface MemoryQueueSetup {
  readonly kind: 'memory';
  readonly traffic: {
    readonly targets: readonly TrafficTarget[];
    readonly flows: number;
    readonly packetSize: number;
    readonly seed: number;
  };
  /** Packets per second. */
  readonly rate: number;
}

/** Handles of what the supervisor has opened; 0 for none. */
export interface NativeQueueSetup {
  readonly kind: 'native';
  readonly pool: number;
  readonly queues: readonly number[];
  /** By queue: takes packets that are not ours. */
  readonly punts: readonly number[];
  /** Takes packets for the kernel to route. */
  readonly kernel: number;
}

/** Everything a worker thread is started with. */
export interface WorkerSetup {
  readonly index: number;
  readonly feed: ImageFeed;
  readonly memory: WorkerMemory;
  /** Flow and session tables of the other workers. */
  readonly peers: readonly Pick<WorkerMemory, 'flows' | 'sessions'>[];
  readonly flowTableLines: number;
  /** The same for all workers and all their threads: so tables are found again. */
  readonly secret: Secret;
  /** Another process has left the tables. */
  readonly inherited: boolean;
  readonly queue: MemoryQueueSetup | NativeQueueSetup;
  /** CPU to bind the thread to. */
  readonly cpu?: number;
  /** Path of the native library. */
  readonly library: string;
  /** Whether its stages do what is usual. */
  readonly nativeStages: boolean;
}

/** What a worker says when it serves its queues. */
export const READY = 'ready';
