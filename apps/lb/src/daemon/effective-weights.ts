import { type Config, type EffectiveAs, effectiveAss, type HealthOf, nextChangeAt } from '@lb/control';
import { SteadyTimes } from './steady-times.js';

/** Timers cannot wait longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Servers that fail together are one change. */
const COALESCE_MS = 20;

/**
 * By which weight each AS gets new flows at the moment. Tells when that changes by itself: as a ramp goes on, a draining
 * ends, or health changes.
 */
export class EffectiveWeights {
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Timeout | undefined;
  private readonly times = new SteadyTimes();

  /** @param changed to be answered by a call of {@link at} */
  constructor(
    private readonly healthOf: HealthOf,
    private readonly changed: () => void,
  ) {}

  /** As of now, by asId; and from now on for this configuration. */
  follow(config: Config): ReadonlyMap<string, EffectiveAs> {
    const now = Date.now();
    clearTimeout(this.timer);
    this.times.follow(config);
    const timed = this.times.of(config);
    const next = nextChangeAt(timed, now);
    if (next !== undefined) {
      // One more: a timer may fire a fraction of a millisecond early.
      this.timer = setTimeout(this.changed, Math.min(Math.max(next - now, 0) + 1, LONGEST_TIMER_MS));
    }
    return effectiveAss(timed, now, this.healthOf);
  }

  /** As it would be now with another configuration. */
  of(config: Config): ReadonlyMap<string, EffectiveAs> {
    return effectiveAss(this.times.of(config), Date.now(), this.healthOf);
  }

  /** Health has changed, or the clock was set. */
  touch(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.changed();
    }, COALESCE_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.soon);
  }
}

export function sameEffective(a: ReadonlyMap<string, EffectiveAs>, b: ReadonlyMap<string, EffectiveAs>): boolean {
  if (a.size !== b.size) return false;
  for (const [id, one] of a) {
    const other = b.get(id);
    if (other === undefined || JSON.stringify(one) !== JSON.stringify(other)) return false;
  }
  return true;
}
