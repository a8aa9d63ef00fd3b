import { BURST_CAPACITY, type Burst, type FrameViews, frameViews, HEADROOM, type PacketQueue } from '@lb/dataplane';

const MEMORY_BYTES = 1 << 23;
const GUARD = 0xa5;
const GUARD_BYTES = 64;

interface Place {
  readonly at: number;
  readonly length: number;
}

/** A queue fed by hand whose frames lie between guard bytes. */
export class FuzzQueue implements PacketQueue {
  readonly frames: FrameViews = frameViews(new ArrayBuffer(MEMORY_BYTES));
  waiting: readonly Uint8Array[] = [];
  tick = 0;
  input = 0;
  private places: Place[] = [];
  private end = 0;

  constructor() {
    this.frames.u8.fill(GUARD);
  }

  rx(burst: Burst): number {
    this.frames.u8.fill(GUARD, 0, this.end);
    this.places = [];
    this.end = 0;
    burst.count = this.waiting.length;
    burst.now = this.tick;
    burst.input = this.input;
    for (let i = 0; i < this.waiting.length; i++) {
      const frame = this.waiting[i];
      const at = this.allocate(frame.length);
      this.frames.u8.set(frame, at);
      burst.offset[i] = at;
      burst.length[i] = frame.length;
    }
    return burst.count;
  }

  tx(): void {}

  allocate(length: number): number {
    // Ethernet headers stand 2 bytes behind a word.
    const at = ((this.end + GUARD_BYTES + HEADROOM + 3) & ~3) + 2;
    if (this.places.length >= BURST_CAPACITY || at + length + GUARD_BYTES > MEMORY_BYTES) return -1;
    this.places.push({ at, length });
    this.end = at + length + GUARD_BYTES;
    return at;
  }

  /** The frame at `at` has become longer: an ICMP error that holds it. */
  extend(at: number, length: number): void {
    this.places = this.places.map((place) =>
      place.at === at ? { at, length: Math.max(length, place.length) } : place,
    );
  }

  /** Where the first byte outside of frames and their headroom was written, or undefined. */
  damage(): number | undefined {
    const { u8 } = this.frames;
    let from = 0;
    for (const { at, length } of this.places) {
      for (let i = from; i < at - HEADROOM; i++) if (u8[i] !== GUARD) return i;
      from = at + length;
    }
    for (let i = from; i < this.end; i++) if (u8[i] !== GUARD) return i;
    return undefined;
  }

  close(): void {}
}
