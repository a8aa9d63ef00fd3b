import { type FrameViews, frameViews } from '@lb/encap';
import { BURST_CAPACITY, type Burst } from '../src/burst.js';
import type { PacketQueue } from '../src/queues/queue.js';

/** Bytes of a frame's place, frame and guard bytes together. */
export const PLACE_BYTES = 4096;
/** Where the Ethernet header starts in a place. */
export const PLACE_OFFSET = 1026;
export const GUARD = 0xa5;

/** A queue fed by hand. Every frame lies between guard bytes. */
export class HandQueue implements PacketQueue {
  readonly frames: FrameViews = frameViews(new ArrayBuffer(BURST_CAPACITY * PLACE_BYTES));
  waiting: Uint8Array[] = [];
  tick = 0;
  private used = 0;

  rx(burst: Burst): number {
    this.used = 0;
    this.frames.u8.fill(GUARD);
    burst.count = this.waiting.length;
    burst.now = this.tick;
    this.waiting.forEach((frame, i) => {
      const at = this.allocate();
      this.frames.u8.set(frame, at);
      burst.offset[i] = at;
      burst.length[i] = frame.length;
    });
    this.waiting = [];
    return burst.count;
  }

  tx(): void {}

  allocate(): number {
    return this.used < BURST_CAPACITY ? this.used++ * PLACE_BYTES + PLACE_OFFSET : -1;
  }

  close(): void {}
}
