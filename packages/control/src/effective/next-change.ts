import type { Config } from '../schema.js';
import { nextRampChange } from './ramp.js';

/**
 * The next moment at which time alone changes what {@link effectiveAss} says: a ramp's next step or its end, or the
 * deadline of a drain. In milliseconds like `nowMs`, and later than it; undefined when nothing will change.
 */
export function nextChangeAt(config: Config, nowMs: number): number | undefined {
  let next: number | undefined;
  for (const { ass } of config.vips) {
    for (const as of ass) {
      const deadline = as.drainUntil === undefined ? undefined : Date.parse(as.drainUntil);
      const changes = [as.state === 'enabled' ? nextRampChange(as, nowMs) : undefined, deadline];
      for (const at of changes) if (at !== undefined && at > nowMs && (next === undefined || at < next)) next = at;
    }
  }
  return next;
}
