import type { Health } from '../effective/index.js';
import { type DampingOptions, FlapPenalty } from './damping.js';
import { NO_RESULTS, nextStreak, type Streak } from './rise-fall.js';

/** A change of the health that is shown and acted upon, with its reason. */
export interface Change {
  readonly from: Health;
  readonly to: Health;
  readonly reason: string;
}

interface Thresholds {
  readonly rise: number;
  readonly fall: number;
}

/** The health of one AS of one VIP: rows of results, and damping on top. Times are of one clock, in ms. */
export class TargetState {
  #streak: Streak = NO_RESULTS;
  #shown: Health = 'unknown';
  readonly #penalty: FlapPenalty | undefined;

  /** `penalty` is what an earlier process left over. */
  constructor(damping: DampingOptions | undefined, nowMs: number, penalty = 0) {
    if (damping !== undefined) this.#penalty = new FlapPenalty(damping, nowMs, penalty);
  }

  get health(): Health {
    return this.#shown;
  }

  /** Results in a row that were like the last one. */
  get consecutive(): number {
    return this.#streak.consecutive;
  }

  isFlapping(nowMs: number): boolean {
    return this.#penalty?.isFlapping(nowMs) ?? false;
  }

  penalty(nowMs: number): number {
    return this.#penalty?.at(nowMs) ?? 0;
  }

  /** Forgets the results, but not what they have led to: something else is asked from now on. */
  restart(): void {
    this.#streak = { ...NO_RESULTS, health: this.#streak.health };
  }

  /** Counts a result; returns the change that it leads to. */
  take(ok: boolean, reason: string, thresholds: Thresholds, nowMs: number): Change | undefined {
    const before = this.#streak;
    this.#streak = nextStreak(before, ok, thresholds);
    const { health, consecutive } = this.#streak;
    if (before.health === 'healthy' && health === 'failing') this.#penalty?.add(nowMs);
    const isHeld = health === 'healthy' && this.#shown === 'failing' && this.isFlapping(nowMs);
    if (isHeld || health === this.#shown) return undefined;
    const from = this.#shown;
    this.#shown = health;
    return { from, to: health, reason: `${row(consecutive, ok)}: ${reason}${this.#heldText(nowMs)}` };
  }

  #heldText(nowMs: number): string {
    const leftMs = this.#penalty?.leftMs(nowMs) ?? 0;
    return leftMs === 0 ? '' : `; flapping: held down for ${Math.ceil(leftMs / 1000)} s`;
  }
}

function row(consecutive: number, ok: boolean): string {
  const what = ok ? 'passed' : 'failed';
  return consecutive === 1 ? `a check ${what}` : `${consecutive} checks in a row ${what}`;
}
