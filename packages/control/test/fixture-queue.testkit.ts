import {
  BURST_CAPACITY,
  type Burst,
  type FrameViews,
  frameViews,
  HEADROOM,
  type PacketQueue,
  VERDICT_NAMES,
} from '@lb/dataplane';

const FRAME_BYTES = 1 << 17;
/** What stands around a frame before it is put in: nothing may change beyond headroom and frame. */
const GUARD = 0xa5;

/** A queue fed by hand: frames in, what left of them out. */
export class FixtureQueue implements PacketQueue {
  readonly frames: FrameViews = frameViews(new ArrayBuffer(BURST_CAPACITY * FRAME_BYTES));
  readonly sent: Uint8Array[] = [];
  waiting: Uint8Array[] = [];
  tick = 0;
  private used = 0;

  rx(burst: Burst): number {
    this.used = 0;
    for (const frame of this.waiting) {
      const at = this.take();
      this.frames.u8.fill(GUARD, at - HEADROOM, at + frame.length + HEADROOM);
      this.frames.u8.set(frame, at);
      burst.offset[this.used - 1] = at;
      burst.length[this.used - 1] = frame.length;
    }
    burst.count = this.waiting.length;
    burst.now = this.tick;
    this.waiting = [];
    return burst.count;
  }

  private take(): number {
    return this.used++ * FRAME_BYTES + HEADROOM;
  }

  tx(burst: Burst): void {
    for (let i = 0; i < burst.count; i++) {
      const verdict = VERDICT_NAMES[burst.verdict[i]];
      if (verdict !== 'forward' && verdict !== 'reply') continue;
      this.sent.push(this.frames.u8.slice(burst.offset[i], burst.offset[i] + burst.length[i]));
    }
  }

  allocate(): number {
    return this.used < BURST_CAPACITY ? this.take() : -1;
  }

  close(): void {}
}
