import type { HealthClock } from './clock.js';
import type { DampingOptions } from './damping.js';
import type { CheckResult } from './result.js';
import { penaltyNow, type SavedHealth, type SavedState } from './saved.js';
import type { CheckTarget } from './target.js';
import { type Change, TargetState } from './target-state.js';
import type { CheckView, LastResult } from './views.js';

export interface WatchedOptions {
  readonly clock: HealthClock;
  readonly damping: DampingOptions | undefined;
  readonly saved: SavedHealth | undefined;
}

/** One AS of one VIP with everything that is known of its health. */
export class WatchedAs {
  readonly #clock: HealthClock;
  readonly #state: TargetState;
  readonly #before: SavedState | undefined;
  #sinceMs: number;
  #checks = 0;
  #failures = 0;
  #last: { readonly result: CheckResult; readonly atMs: number; readonly ms: number } | undefined;

  constructor(
    private current: CheckTarget,
    { clock, damping, saved }: WatchedOptions,
  ) {
    this.#clock = clock;
    this.#sinceMs = clock.wall();
    this.#before = saved?.states[current.id];
    const penalty =
      saved === undefined || damping === undefined
        ? 0
        : penaltyNow(saved.savedAt, this.#before?.penalty ?? 0, damping, clock.wall());
    this.#state = new TargetState(damping, clock.now(), penalty);
  }

  get target(): CheckTarget {
    return this.current;
  }

  get health() {
    return this.#state.health;
  }

  /** Whether the last check could not be made. */
  get isLocal(): boolean {
    return this.#last?.result.local === true;
  }

  /** Its check has changed. Where something else is asked from now on, results are counted anew. */
  retarget(target: CheckTarget): void {
    if (this.current.probeKey !== target.probeKey) this.#state.restart();
    this.current = target;
  }

  /** Takes a result, with how long the check took; returns the change of health that it leads to. */
  take(result: CheckResult, ms: number): Change | undefined {
    this.#last = { result, atMs: this.#clock.wall(), ms };
    if (result.local) return undefined;
    this.#checks++;
    if (!result.ok) this.#failures++;
    const change = this.#state.take(result.ok, result.reason, this.current, this.#clock.now());
    if (change !== undefined) this.#sinceMs = this.#clock.wall();
    return change;
  }

  view(): CheckView {
    const { vip, address, probe } = this.current;
    const { health, consecutive } = this.#state;
    return {
      vip,
      address,
      type: probe.type,
      health,
      since: new Date(this.#sinceMs).toISOString(),
      before: this.#shownBefore(),
      consecutive,
      lastResult: this.#lastResult(),
      checks: this.#checks,
      failures: this.#failures,
      flapping: this.#state.isFlapping(this.#clock.now()),
    };
  }

  /** While nothing is known here, what was known before is worth more to the next process. */
  save(): SavedState {
    const before = this.#shownBefore();
    return {
      health: before?.health ?? this.#state.health,
      since: before?.since ?? new Date(this.#sinceMs).toISOString(),
      penalty: Number(this.#state.penalty(this.#clock.now()).toFixed(3)),
    };
  }

  #shownBefore(): CheckView['before'] {
    if (this.#before === undefined || this.#state.health !== 'unknown') return null;
    const { health, since } = this.#before;
    return { health, since };
  }

  #lastResult(): LastResult | null {
    if (this.#last === undefined) return null;
    const { result, atMs, ms } = this.#last;
    return {
      at: new Date(atMs).toISOString(),
      ok: result.ok,
      reason: result.reason,
      ms: Number(ms.toFixed(1)),
      local: result.local === true,
    };
  }
}
