import { EventEmitter } from 'node:events';
import type { HealthOf } from '../effective/index.js';
import type { Config } from '../schema.js';
import { asId } from '../vip-ref.js';
import type { Checkers } from './checker.js';
import { type HealthClock, systemClock } from './clock.js';
import { type DampingOptions, DEFAULT_DAMPING } from './damping.js';
import type { CheckResult } from './result.js';
import type { SavedHealth } from './saved.js';
import { CheckScheduler } from './scheduler.js';
import { targetsOf } from './target.js';
import type { CheckView, HealthEvent, LocalProblem } from './views.js';
import { WatchedAs, type WatchedOptions } from './watched-as.js';

export interface HealthMonitorOptions {
  readonly checkers: Checkers;
  readonly clock?: HealthClock;
  /** From 0 to below 1; for the jitter. */
  readonly random?: () => number;
  /** `false` switches it off. */
  readonly damping?: DampingOptions | false;
  /** What save() gave an earlier process. */
  readonly saved?: SavedHealth;
  /** At most so many checks at a time; 4,096 by default. */
  readonly maxRunning?: number;
}

export interface HealthMonitorEvents {
  transition: [event: HealthEvent];
  /** Not told again for the same AS before a check of it could be made. */
  local: [problem: LocalProblem];
}

const MAX_RUNNING = 4096;

/**
 * Checks the ASs of all VIPs that have a check and tells which are healthy. What that means for the weights is not decided
 * here. An AS is `unknown`, which takes nothing from it, until it has been probed often enough.
 */
export class HealthMonitor extends EventEmitter<HealthMonitorEvents> {
  readonly #clock: HealthClock;
  readonly #watchedOptions: WatchedOptions;
  readonly #scheduler: CheckScheduler;
  /** By AS id, in the order of the configuration. */
  #watched: ReadonlyMap<string, WatchedAs> = new Map();
  #isStarted = false;

  constructor(options: HealthMonitorOptions) {
    super();
    const { checkers, clock = systemClock, random = Math.random, damping = DEFAULT_DAMPING, saved } = options;
    this.#clock = clock;
    this.#watchedOptions = { clock, damping: damping === false ? undefined : damping, saved };
    this.#scheduler = new CheckScheduler({
      clock,
      random,
      maxRunning: options.maxRunning ?? MAX_RUNNING,
      start: ({ probe }, done) => checkers[probe.type].start(probe, done),
      result: (id, result, ms) => this.#take(id, result, ms),
    });
  }

  /** Health of an AS of a VIP; `unknown` without a check. */
  readonly healthOf: HealthOf = (vip, address) => this.#watched.get(asId(vip, address))?.health ?? 'unknown';

  /**
   * Sets whose health is watched. Known ASs keep their health; where something else is asked from now on, their results
   * are counted anew.
   */
  setTargets(config: Config): void {
    const watched = new Map<string, WatchedAs>();
    for (const target of targetsOf(config)) {
      const known = this.#watched.get(target.id);
      known?.retarget(target);
      watched.set(target.id, known ?? new WatchedAs(target, this.#watchedOptions));
    }
    this.#watched = watched;
    if (this.#isStarted) this.#schedule();
  }

  start(): void {
    this.#isStarted = true;
    this.#schedule();
  }

  /** Ends all checks at once. What is known stays. */
  stop(): void {
    this.#isStarted = false;
    this.#scheduler.set([]);
  }

  /** Everything that is watched, in the order of the configuration. */
  view(): readonly CheckView[] {
    return Array.from(this.#watched.values(), (watched) => watched.view());
  }

  /** What the next process is to know. */
  save(): SavedHealth {
    const states = Array.from(this.#watched, ([id, watched]) => [id, watched.save()] as const);
    return { version: 1, savedAt: this.#isoTime(), states: Object.fromEntries(states) };
  }

  #schedule(): void {
    this.#scheduler.set(Array.from(this.#watched.values(), ({ target }) => target));
  }

  #take(id: string, result: CheckResult, ms: number): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    const { vip, address } = watched.target;
    const wasLocal = watched.isLocal;
    const change = watched.take(result, ms);
    const time = this.#isoTime();
    if (watched.isLocal && !wasLocal) this.emit('local', { time, vip, address, reason: result.reason });
    if (change !== undefined) this.emit('transition', { time, vip, address, ...change });
  }

  #isoTime(): string {
    return new Date(this.#clock.wall()).toISOString();
  }
}
