import type { HealthClock } from './clock.js';

interface Waiting {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements HealthClock {
  #nowMs = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return this.#nowMs;
  }

  wall(): number {
    return Date.UTC(2030, 0, 1) + this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const waiting = { atMs: this.#nowMs + delayMs, callback };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  /** Timers of the system that are set. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Moves to a time, by way of everything that is due before. */
  advanceTo(ms: number): void {
    for (let next = this.#next(ms); next !== undefined; next = this.#next(ms)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#waiting.delete(next);
      next.callback();
    }
    this.#nowMs = ms;
  }

  advance(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }

  /** The process stands still for so long: nothing that was due meanwhile has been called. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  #next(lastMs: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.atMs <= lastMs && (first === undefined || waiting.atMs < first.atMs)) first = waiting;
    }
    return first;
  }
}
