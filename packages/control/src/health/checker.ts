import type { Check } from '../schema.js';
import type { CheckResult } from './result.js';
import type { Probe } from './target.js';

/** A check under way. */
export interface RunningCheck {
  /** What it waits for, for the reason of a timeout: `connecting`, `waiting for the answer`. */
  readonly phase: string;
  /** The result if time is up now, where that is not a failure. */
  readonly early?: CheckResult | undefined;
  /** Ends it and frees what it holds. `done` is not called any more. */
  stop(): void;
}

/** Makes checks of one type. */
export interface Checker {
  /**
   * Starts a check. `done` is called once, never from within this call, with what was found; everything the check held is
   * free by then. Timeouts are the caller's.
   */
  start(probe: Probe, done: (result: CheckResult) => void): RunningCheck;
}

export type Checkers = Readonly<Record<Check['type'], Checker>>;
