/**
 * Later fragments that arrived before their first, copied aside. Bounded: {@link HELD_SLOTS} packets of up to
 * {@link HELD_BYTES} bytes. Rarely anything is held, so a scan over the slots is good enough.
 */
export const HELD_SLOTS = 512;
export const HELD_BYTES = 9216;

export class HeldFragments {
  /** Slots in use. */
  count = 0;
  private readonly memory = new Uint8Array(HELD_SLOTS * HELD_BYTES);
  private readonly used = new Uint8Array(HELD_SLOTS);
  private readonly lo = new Int32Array(HELD_SLOTS);
  private readonly hi = new Int32Array(HELD_SLOTS);
  private readonly deadline = new Uint32Array(HELD_SLOTS);
  private readonly length = new Uint32Array(HELD_SLOTS);
  /** Arrival order, so that fragments leave in the order they came. */
  private readonly order = new Uint32Array(HELD_SLOTS);
  private arrivals = 0;

  /** Copy a frame aside under its datagram's key. False when there is no room. */
  hold(lo: number, hi: number, deadline: number, frame: Uint8Array, at: number, lengthBytes: number): boolean {
    if (lengthBytes > HELD_BYTES || this.count === HELD_SLOTS) return false;
    const slot = this.used.indexOf(0);
    this.memory.set(frame.subarray(at, at + lengthBytes), slot * HELD_BYTES);
    this.used[slot] = 1;
    this.lo[slot] = lo;
    this.hi[slot] = hi;
    this.deadline[slot] = deadline;
    this.length[slot] = lengthBytes;
    this.order[slot] = this.arrivals++;
    this.count++;
    return true;
  }

  /** Slot of the longest-held frame of a datagram, or -1. */
  find(lo: number, hi: number): number {
    let found = -1;
    for (let slot = 0; slot < HELD_SLOTS; slot++) {
      if (this.used[slot] === 0 || this.lo[slot] !== lo || this.hi[slot] !== hi) continue;
      if (found < 0 || ((this.order[slot] - this.order[found]) | 0) < 0) found = slot;
    }
    return found;
  }

  /** Copy a held frame to `at` of `frame` and free its slot. Returns its length in bytes. */
  release(slot: number, frame: Uint8Array, at: number): number {
    const length = this.length[slot];
    frame.set(this.memory.subarray(slot * HELD_BYTES, slot * HELD_BYTES + length), at);
    this.free(slot);
    return length;
  }

  /** The first slot in use from `slot` on, or -1. */
  next(slot: number): number {
    return this.used.indexOf(1, slot);
  }

  loOf(slot: number): number {
    return this.lo[slot];
  }

  hiOf(slot: number): number {
    return this.hi[slot];
  }

  lengthOf(slot: number): number {
    return this.length[slot];
  }

  /** Forget frames whose first fragment did not come in time. Returns how many. */
  expire(now: number): number {
    let expired = 0;
    for (let slot = 0; slot < HELD_SLOTS; slot++) {
      if (this.used[slot] === 1 && ((this.deadline[slot] - now) | 0) <= 0) {
        this.free(slot);
        expired++;
      }
    }
    return expired;
  }

  free(slot: number): void {
    this.used[slot] = 0;
    this.count--;
  }
}
