import {
  type NativeLibrary,
  NativePool,
  type NativePoolOptions,
  NativeQueue,
  type NativeQueueOptions,
} from '../native/index.js';
import type { NativeQueueSetup } from './worker-setup.js';

/** The native queues of one worker. */
export interface NativePortsOptions {
  readonly kind: 'native';
  /** Frames by default: what the rings hold, and some bursts for the worker. */
  readonly pool?: NativePoolOptions;
  /** The index is the queue's input and output number. */
  readonly queues: readonly NativeQueueOptions[];
  /** By queue: takes frames that are not ours back to the host. Not needed for af_packet and tap. */
  readonly punts?: readonly (NativeQueueOptions | undefined)[];
  /** Open a queue for packets that the kernel is to route. */
  readonly kernel?: boolean;
}

const DEFAULT_RING = 2048;
const WORKER_FRAMES = 2048;

/**
 * Opens a worker's pool and queues on the supervisor's thread and keeps them open while threads come and go: so packets
 * wait in the rings while a dead worker is replaced, and a filter never points into the void.
 */
export class NativePorts {
  private readonly pool: NativePool;
  private queues: NativeQueue[] = [];
  private punts: (NativeQueue | undefined)[] = [];
  private kernel: NativeQueue | undefined;

  /**
   * @param options what to open; asked for each time it is opened
   * @throws LbError LB_NATIVE_*
   */
  constructor(
    private readonly options: () => NativePortsOptions,
    library: NativeLibrary,
  ) {
    const first = options();
    this.pool = NativePool.open({ ...first.pool, frames: first.pool?.frames ?? framesFor(first.queues) }, library);
    try {
      this.open(first);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private open({ queues, punts = [], kernel }: NativePortsOptions): void {
    const { pool } = this;
    for (const queue of queues) this.queues.push(NativeQueue.open(pool, queue));
    for (const punt of punts) this.punts.push(punt && NativeQueue.open(pool, punt));
    if (kernel === true) this.kernel = NativeQueue.open(pool, { kind: 'raw', interface: '' });
  }

  /** What the worker attaches to. */
  setup(): NativeQueueSetup {
    return {
      kind: 'native',
      pool: this.pool.handle,
      queues: this.queues.map(({ handle }) => handle),
      punts: this.punts.map((queue) => queue?.handle ?? 0),
      kernel: this.kernel?.handle ?? 0,
    };
  }

  /** Its thread is gone: take back the frames it held. */
  reclaim(): void {
    this.pool.reclaim();
  }

  /** Its thread is gone: open all queues anew, after their interface had vanished. @throws LbError LB_NATIVE_* */
  reopen(): void {
    this.closeQueues();
    this.pool.reclaim();
    this.open(this.options());
  }

  /** End the worker's wait. */
  wake(): void {
    this.pool.wake();
  }

  get nativeQueues(): readonly NativeQueue[] {
    return this.queues;
  }

  private closeQueues(): void {
    for (const queue of [...this.queues, ...this.punts, this.kernel]) queue?.close();
    this.queues = [];
    this.punts = [];
    this.kernel = undefined;
  }

  /** Its thread is gone for good. */
  close(): void {
    this.closeQueues();
    this.pool.close();
  }
}

function framesFor(queues: readonly NativeQueueOptions[]): number {
  const rings = queues
    .filter(({ kind }) => kind === 'af_xdp')
    .reduce((sum, { rxFrames = DEFAULT_RING, txFrames = DEFAULT_RING }) => sum + rxFrames + txFrames, 0);
  return rings + WORKER_FRAMES;
}
