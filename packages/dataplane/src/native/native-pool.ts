import { type FrameViews, frameViews } from '@lb/encap';
import { nativeInfo, nativeStats } from './info.js';
import { type NativeLibrary, nativeLibrary, type Words } from './library.js';

/** Where the Ethernet header of a received or allocated frame starts within its frame (LBQ_FRAME_OFFSET). */
export const FRAME_OFFSET = 258;

const MEMORY_HUGE = 1;
const STAT_NAMES = ['free', 'worker', 'kernel', 'invalidFree'] as const;

export interface NativePoolOptions {
  /**
   * Number of frames: for each AF_XDP queue its receive and transmit ring (2 × 2048 unless set), and a few bursts for
   * the worker. Default 8192.
   */
  readonly frames?: number;
  /** 2048 (frames up to 1790 bytes) or 4096 (3838 bytes). */
  readonly frameSize?: 2048 | 4096;
}

/**
 * Frame memory that one worker's native queues share. A handle is a number that is good in every thread of the
 * process: one opens, another attaches. A packet is the byte offset of its Ethernet header in {@link frames} and a length.
 *
 * Whoever opens closes, when no thread uses its views any more.
 */
export class NativePool {
  readonly frames: FrameViews;
  readonly frameSize: number;
  readonly count: number;
  private readonly one = new Uint32Array(1);

  private constructor(
    readonly library: NativeLibrary,
    readonly handle: number,
  ) {
    const info = nativeInfo(library, handle);
    this.frameSize = info.frameSize;
    this.count = info.frames;
    this.frames = frameViews(library.view(info.address, info.bytes));
  }

  /** @throws LbError LB_NATIVE_* */
  static open(options: NativePoolOptions = {}, library = nativeLibrary()): NativePool {
    const { frames = 8192, frameSize = 2048 } = options;
    const { calls } = library;
    const memory = library.check(calls.memoryOpen(null, frames * frameSize, MEMORY_HUGE));
    const pool = calls.poolOpen(memory, frameSize);
    try {
      library.check(pool);
    } finally {
      // The pool keeps it mapped.
      calls.close(memory);
    }
    return new NativePool(library, pool);
  }

  /** This thread's view of a pool that another thread opened. */
  static attach(handle: number, library = nativeLibrary()): NativePool {
    return new NativePool(library, handle);
  }

  /** Longest frame that fits, without frame check sequence. */
  get room(): number {
    return this.frameSize - FRAME_OFFSET;
  }

  /** Byte offset for the Ethernet header of a frame made here, or −1 when there is none or `lengthBytes` does not fit. */
  allocate(lengthBytes: number): number {
    if (lengthBytes > this.room || this.library.calls.alloc(this.handle, this.one, 1) !== 1) return -1;
    return this.one[0];
  }

  /** Give `n` frames back, by any offset inside each. */
  free(offset: Words, n: number): void {
    this.library.check(this.library.calls.free(this.handle, offset, n));
  }

  /** Give one frame back. */
  freeOne(offset: number): void {
    this.one[0] = offset;
    this.free(this.one, 1);
  }

  /** Take back every frame that a worker holds, for when it has died. Returns how many. */
  reclaim(): number {
    return this.library.check(this.library.calls.reclaim(this.handle));
  }

  /** End the wait that a thread is in with a queue of this pool, or its next one. For any thread. */
  wake(): void {
    this.library.check(this.library.calls.wake(this.handle));
  }

  /** Frames by owner. */
  stats(): Record<(typeof STAT_NAMES)[number], number> {
    return nativeStats(this.library, this.handle, STAT_NAMES);
  }

  /** The memory goes when its queues are closed too. {@link frames} must not be used any more. */
  close(): void {
    this.library.check(this.library.calls.close(this.handle));
  }
}
