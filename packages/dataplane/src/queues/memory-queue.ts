import { type FrameViews, frameViews } from '@lb/encap';
import { BURST_PACKETS, type Burst } from '../burst.js';
import { type Clock, monotonicClock } from '../clock.js';
import { HEADROOM, type PacketQueue } from './queue.js';
import type { TrafficGenerator } from './traffic-generator.js';

/** Where packets come from: {@link TrafficGenerator}, or a mixture of several. */
export type PacketWriter = Pick<TrafficGenerator, 'write'>;

export interface MemoryQueueOptions {
  generator: PacketWriter;
  /** Recycled buffers, a power of two; like the receive ring of a network card. */
  frames?: number;
  /** Bytes per frame with headroom. */
  frameSize?: number;
  /** Memory for the frames (`frames * frameSize` bytes from its start); allocated if absent. */
  memory?: ArrayBufferLike;
  /** Packets per second at most; without it every rx gets a full burst. */
  rate?: number;
  clock?: Clock;
  /** Sees every burst before its frames are recycled. */
  onTx?: (burst: Burst, frames: FrameViews) => void;
}

/** The embedded queue: packets from the traffic generator, sent ones vanish. Needs no privileges. */
export class MemoryQueue implements PacketQueue {
  readonly frames: FrameViews;
  private readonly generator: PacketWriter;
  private readonly count: number;
  private readonly frameSize: number;
  private readonly clock: Clock;
  private readonly onTx: MemoryQueueOptions['onTx'];
  private readonly perMs: number;
  private credit = 0;
  private last = performance.now();
  private next = 0;

  constructor(options: MemoryQueueOptions) {
    this.generator = options.generator;
    this.count = options.frames ?? 4096;
    this.frameSize = options.frameSize ?? 2048;
    this.clock = options.clock ?? monotonicClock;
    this.onTx = options.onTx;
    this.perMs = options.rate === undefined ? Number.POSITIVE_INFINITY : options.rate / 1000;
    this.frames = frameViews(options.memory ?? new SharedArrayBuffer(this.count * this.frameSize));
  }

  rx(burst: Burst): number {
    const wanted = this.due();
    for (let i = 0; i < wanted; i++) {
      const at = this.take();
      burst.offset[i] = at;
      burst.length[i] = this.generator.write(this.frames, at);
    }
    burst.count = wanted;
    burst.now = this.clock();
    return wanted;
  }

  private due(): number {
    if (this.perMs === Number.POSITIVE_INFINITY) return BURST_PACKETS;
    const now = performance.now();
    // Never more than 100 ms worth at once (or one packet): after a pause traffic goes on, it does not catch up.
    this.credit = Math.min(this.credit + (now - this.last) * this.perMs, Math.max(1, this.perMs * 100));
    this.last = now;
    const due = Math.min(BURST_PACKETS, Math.floor(this.credit));
    this.credit -= due;
    return due;
  }

  private take(): number {
    const at = this.next * this.frameSize + HEADROOM;
    this.next = (this.next + 1) & (this.count - 1);
    return at;
  }

  tx(burst: Burst): void {
    this.onTx?.(burst, this.frames);
  }

  allocate(lengthBytes: number): number {
    return lengthBytes + HEADROOM <= this.frameSize ? this.take() : -1;
  }

  close(): void {}
}
