import type { Health } from '../effective/index.js';

/** What a row of results has led to. */
export interface Streak {
  readonly health: Health;
  /** Results in a row that were like the last one. */
  readonly consecutive: number;
  /** Whether these passed; undefined before the first. */
  readonly ok: boolean | undefined;
}

export const NO_RESULTS: Streak = { health: 'unknown', consecutive: 0, ok: undefined };

/**
 * One more result. `rise` passed checks in a row make healthy, `fall` failed ones failing; from unknown too, so that
 * nothing is taken down before it was probed that often.
 */
export function nextStreak(before: Streak, ok: boolean, { rise, fall }: { rise: number; fall: number }): Streak {
  const consecutive = before.ok === ok ? before.consecutive + 1 : 1;
  const isEnough = consecutive >= (ok ? rise : fall);
  return { health: isEnough ? (ok ? 'healthy' : 'failing') : before.health, consecutive, ok };
}
