/** How flapping servers are held down; after the model of route-flap damping (RFC 2439). */
export interface DampingOptions {
  /** A penalty halves in this time. */
  readonly halfLifeSec: number;
  /** From this penalty on a server counts as flapping. Each fall from healthy to failing adds 1. */
  readonly suppressAt: number;
  /** Below this it no longer does. */
  readonly reuseBelow: number;
  /** A penalty does not grow beyond this, which bounds the time that a server is held down. */
  readonly most: number;
}

/** Three falls within a minute or so; held down for at most 60 · log2(6 / 1.5) = 120 seconds after the last. */
export const DEFAULT_DAMPING: DampingOptions = { halfLifeSec: 60, suppressAt: 2.5, reuseBelow: 1.5, most: 6 };

/** The penalty of one server. Times are of one clock, in ms. */
export class FlapPenalty {
  #value: number;
  #atMs: number;
  #isFlapping = false;

  constructor(
    private readonly options: DampingOptions,
    nowMs: number,
    value = 0,
  ) {
    this.#value = Math.min(Math.max(0, value), options.most);
    this.#atMs = nowMs;
  }

  at(nowMs: number): number {
    return this.#value * 2 ** (-(nowMs - this.#atMs) / 1000 / this.options.halfLifeSec);
  }

  /** Counts one fall. */
  add(nowMs: number): void {
    this.#value = Math.min(this.at(nowMs) + 1, this.options.most);
    this.#atMs = nowMs;
    if (this.#value >= this.options.suppressAt) this.#isFlapping = true;
  }

  isFlapping(nowMs: number): boolean {
    if (this.#isFlapping && this.at(nowMs) < this.options.reuseBelow) this.#isFlapping = false;
    return this.#isFlapping;
  }

  /** How long it will be held down, ms, if it does not fall again. */
  leftMs(nowMs: number): number {
    if (!this.isFlapping(nowMs)) return 0;
    return Math.log2(this.at(nowMs) / this.options.reuseBelow) * this.options.halfLifeSec * 1000;
  }
}
