import type { RunningCheck } from './checker.js';
import type { HealthClock } from './clock.js';
import { type CheckResult, failed, notMade } from './result.js';
import type { CheckTarget } from './target.js';
import { TimingWheel, type WheelTimer } from './timing-wheel.js';

export interface SchedulerOptions {
  readonly clock: HealthClock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** At most so many checks at a time; others wait for their turn. */
  readonly maxRunning: number;
  readonly start: (target: CheckTarget, done: (result: CheckResult) => void) => RunningCheck;
  /** Takes each result, with how long the check took. */
  readonly result: (id: string, result: CheckResult, ms: number) => void;
}

/** The first checks of new targets are spread over their interval, but over no more than this. */
const LONGEST_SPREAD_MS = 10_000;

/** Bounds of what is allowed at a time after pauses of the process, and how much each ended check adds. */
const FEWEST_ALLOWED = 16;
const GROWTH = 1 / 16;

interface Job {
  target: CheckTarget;
  /** When a check is due by the interval alone: one that starts late does not delay those after it. */
  dueMs: number;
  timer: WheelTimer | undefined;
  running: Running | undefined;
}

interface Running {
  readonly check: RunningCheck;
  readonly timeout: WheelTimer;
  readonly startMs: number;
  readonly stalledMs: number;
}

/** Runs the checks of all targets when they are due: one at a time for each target, with its timeout. */
export class CheckScheduler {
  readonly #options: SchedulerOptions;
  readonly #wheel: TimingWheel;
  readonly #jobs = new Map<string, Job>();
  /** Due, but too many are running; in the order of their turns. */
  readonly #waiting = new Set<Job>();
  #running = 0;
  /** At most so many at a time for now. */
  #allowed: number;
  #seenStalledMs = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#wheel = new TimingWheel(options.clock);
    this.#allowed = options.maxRunning;
  }

  /** Checks under way. */
  get running(): number {
    return this.#running;
  }

  /** Sets what is checked. Targets known before keep their times unless what they ask or their interval changes. */
  set(targets: readonly CheckTarget[]): void {
    const ids = new Set(targets.map(({ id }) => id));
    for (const [id, job] of this.#jobs) if (!ids.has(id)) this.#remove(id, job);
    const added: CheckTarget[] = [];
    for (const target of targets) {
      const job = this.#jobs.get(target.id);
      if (job === undefined) added.push(target);
      else this.#change(job, target);
    }
    const now = this.#options.clock.now();
    added.forEach((target, i) => {
      const dueMs = now + (i / added.length) * Math.min(target.intervalMs, LONGEST_SPREAD_MS);
      const job: Job = { target, dueMs, timer: undefined, running: undefined };
      this.#jobs.set(target.id, job);
      this.#arm(job);
    });
    this.#startWaiting();
  }

  #change(job: Job, target: CheckTarget): void {
    const before = job.target;
    job.target = target;
    const asksAnother = before.probeKey !== target.probeKey;
    if (!asksAnother && before.intervalMs === target.intervalMs) return;
    if (asksAnother) this.#stop(job);
    // Soon, but not all at one moment where many change.
    const spreadMs = Math.min(before.intervalMs, target.intervalMs, LONGEST_SPREAD_MS);
    job.dueMs = this.#options.clock.now() + this.#options.random() * spreadMs;
    if (job.running === undefined) this.#arm(job);
  }

  #remove(id: string, job: Job): void {
    this.#jobs.delete(id);
    if (job.timer !== undefined) this.#wheel.cancel(job.timer);
    this.#waiting.delete(job);
    this.#stop(job);
  }

  /** Sets the time of the next check. */
  #arm(job: Job): void {
    if (job.timer !== undefined) this.#wheel.cancel(job.timer);
    this.#waiting.delete(job);
    job.timer = this.#wheel.set(job.dueMs, () => {
      job.timer = undefined;
      this.#waiting.add(job);
      this.#startWaiting();
    });
  }

  #start(job: Job): void {
    const { clock, start } = this.#options;
    this.#running++;
    const startMs = clock.now();
    const running: Running = {
      check: start(job.target, (result) => this.#finish(job, running, result)),
      timeout: this.#wheel.set(startMs + job.target.timeoutMs, () => this.#timeOut(job, running)),
      startMs,
      stalledMs: this.#wheel.stalledMs,
    };
    job.running = running;
  }

  #timeOut(job: Job, running: Running): void {
    const { check, stalledMs } = running;
    const { timeoutMs } = job.target;
    check.stop();
    const stoodStillMs = this.#wheel.stalledMs - stalledMs;
    if (check.early !== undefined) this.#finish(job, running, check.early);
    else if (stoodStillMs * 2 >= timeoutMs) {
      this.#finish(job, running, notMade(`no check: this process stood still for ${seconds(stoodStillMs)}`));
    } else this.#finish(job, running, failed(`timed out after ${seconds(timeoutMs)}, ${check.phase}`));
  }

  #finish(job: Job, running: Running, result: CheckResult): void {
    if (job.running !== running) return;
    const { clock, random } = this.#options;
    const { target } = job;
    const now = clock.now();
    this.#release(job);
    this.#allowed = Math.min(this.#allowed + GROWTH, this.#options.maxRunning);
    const step = target.intervalMs * (1 + target.jitter * (2 * random() - 1));
    job.dueMs = Math.max(job.dueMs + step, now);
    this.#arm(job);
    this.#startWaiting();
    this.#options.result(target.id, result, now - running.startMs);
  }

  /** Ends the check that is under way, if there is one, without a result. */
  #stop(job: Job): void {
    if (job.running === undefined) return;
    job.running.check.stop();
    this.#release(job);
  }

  /**
   * With more checks at a time than this process keeps up with, all would run out of time. So a pause halves their number,
   * and each that ends allows a little more: they come late then, but they do come.
   */
  #adapt(): void {
    const { stalledMs } = this.#wheel;
    if (stalledMs === this.#seenStalledMs) return;
    this.#seenStalledMs = stalledMs;
    this.#allowed = Math.max(FEWEST_ALLOWED, Math.floor(Math.min(this.#allowed, this.#running) / 2));
  }

  #release(job: Job): void {
    this.#wheel.cancel(job.running!.timeout);
    job.running = undefined;
    this.#running--;
  }

  #startWaiting(): void {
    this.#adapt();
    for (const job of this.#waiting) {
      if (this.#running >= this.#allowed) return;
      this.#waiting.delete(job);
      this.#start(job);
    }
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(3))} s`;
}
