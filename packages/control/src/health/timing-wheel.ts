import type { HealthClock } from './clock.js';

/** A callback that waits in the wheel. */
export interface WheelTimer {
  readonly tick: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** Timers are called back up to this much late, never early. */
const TICK_MS = 5;
const SLOTS = 2048;
/** A wake-up this late means that the process, or the machine, stood still. */
const STALL_MS = 50;

/**
 * All timers of the checks on one timer of the system: a hashed wheel of slots of 5 ms. With thousands of timers a second
 * there is one wake-up for each slot that has any, and setting or cancelling one costs the same however many there are.
 */
export class TimingWheel {
  /** How long this process has stood still while it was to wake up, since the start, ms. */
  stalledMs = 0;
  readonly #clock: HealthClock;
  readonly #slots: readonly Set<WheelTimer>[] = Array.from({ length: SLOTS }, () => new Set<WheelTimer>());
  #count = 0;
  /** All ticks up to this one are done. */
  #doneTick: number;
  /** The tick that the system's timer is set for; Infinity while it is not. */
  #wakeTick = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;
  #isWaking = false;

  constructor(clock: HealthClock) {
    this.#clock = clock;
    this.#doneTick = Math.floor(clock.now() / TICK_MS);
  }

  /** Calls back at the time `atMs` of the clock, or soon (but not from within this call) if that has passed. */
  set(atMs: number, callback: () => void): WheelTimer {
    const fromMs = Math.max(atMs, this.#clock.now());
    const timer = { tick: Math.max(Math.ceil(fromMs / TICK_MS), this.#doneTick + 1), callback, isCancelled: false };
    this.#slots[timer.tick % SLOTS].add(timer);
    this.#count++;
    if (!this.#isWaking && timer.tick < this.#wakeTick) this.#wakeAt(timer.tick);
    return timer;
  }

  /** Forgets a timer; one that has been called back already is no error. */
  cancel(timer: WheelTimer): void {
    timer.isCancelled = true;
    if (!this.#slots[timer.tick % SLOTS].delete(timer)) return;
    this.#count--;
    if (this.#count > 0 || this.#isWaking) return;
    this.#cancelWake?.();
    this.#wakeTick = Number.POSITIVE_INFINITY;
  }

  #wakeAt(tick: number): void {
    this.#cancelWake?.();
    this.#wakeTick = tick;
    this.#cancelWake = this.#clock.after(Math.max(0, tick * TICK_MS - this.#clock.now()), () => this.#wake());
  }

  #wake(): void {
    const nowMs = this.#clock.now();
    const lateMs = nowMs - this.#wakeTick * TICK_MS;
    if (lateMs > STALL_MS) this.stalledMs += lateMs;
    this.#wakeTick = Number.POSITIVE_INFINITY;
    this.#isWaking = true;
    for (const timer of this.#takeDue(Math.floor(nowMs / TICK_MS))) {
      if (!timer.isCancelled) timer.callback();
    }
    this.#isWaking = false;
    if (this.#count > 0) this.#wakeAt(this.#nextTick());
  }

  /** Takes out what is due up to `lastTick`, earliest first. */
  #takeDue(lastTick: number): WheelTimer[] {
    const due: WheelTimer[] = [];
    // One turn of the wheel visits every slot.
    for (let tick = Math.max(this.#doneTick + 1, lastTick - SLOTS + 1); tick <= lastTick; tick++) {
      const slot = this.#slots[tick % SLOTS];
      for (const timer of slot) {
        if (timer.tick > lastTick) continue;
        slot.delete(timer);
        due.push(timer);
      }
    }
    this.#count -= due.length;
    this.#doneTick = Math.max(this.#doneTick, lastTick);
    return due.sort((a, b) => a.tick - b.tick);
  }

  /** The next tick that something is due at, or one turn of the wheel ahead. */
  #nextTick(): number {
    for (let tick = this.#doneTick + 1; tick <= this.#doneTick + SLOTS; tick++) {
      for (const timer of this.#slots[tick % SLOTS]) if (timer.tick === tick) return tick;
    }
    return this.#doneTick + SLOTS;
  }
}
