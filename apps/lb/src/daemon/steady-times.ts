import type { Config } from '@lb/control';
import { CLOCK_JUMP_MS, type Clocks, systemClocks } from './wall-clock.js';

interface Seen {
  /** What the clock on the wall was ahead of the steady one when the time was seen first. */
  readonly base: number;
  /** It was there when the daemon began. */
  readonly isInherited: boolean;
}

/**
 * Ramps and deadlines are ordered as so many seconds from now, but configured as times of day. When the clock is set, they
 * are moved with it, so that they take as long as was ordered: a drain is neither cut a day early nor dragged on for a
 * day, and no ramp falls back to its beginning.
 *
 * Times that were there when the daemon began are not moved forward: the clock of a machine that has just been switched on
 * may be years behind until it is put right, and they are right already.
 */
export class SteadyTimes {
  private seen = new Map<string, Seen>();
  private isFirst = true;

  constructor(private readonly clocks: Clocks = systemClocks) {}

  /** The times of this configuration are those that count from now on. */
  follow(config: Config): void {
    const before = this.seen;
    const fresh: Seen = { base: this.base(), isInherited: this.isFirst };
    this.isFirst = false;
    this.seen = new Map(timesOf(config).map((time) => [time, before.get(time) ?? fresh]));
  }

  /** The configuration with its times as the clock has them now; the same object if they need not be moved. */
  of(config: Config): Config {
    if (!timesOf(config).some((time) => this.shiftOf(time) !== 0)) return config;
    const vips = config.vips.map((vip) => ({
      ...vip,
      ass: vip.ass.map(({ drainUntil, ramp, ...as }) => ({
        ...as,
        ...(drainUntil !== undefined && { drainUntil: this.moved(drainUntil) }),
        ...(ramp !== undefined && { ramp: { ...ramp, start: this.moved(ramp.start) } }),
      })),
    }));
    return { ...config, vips };
  }

  private moved(time: string): string {
    return new Date(Date.parse(time) + this.shiftOf(time)).toISOString();
  }

  private shiftOf(time: string): number {
    const seen = this.seen.get(time);
    if (seen === undefined) return 0;
    const jump = this.base() - seen.base;
    if (Math.abs(jump) < CLOCK_JUMP_MS) return 0;
    return seen.isInherited ? Math.min(0, jump) : jump;
  }

  private base(): number {
    return this.clocks.wall() - this.clocks.steady();
  }
}

function timesOf({ vips }: Config): string[] {
  return vips.flatMap(({ ass }) =>
    ass.flatMap(({ drainUntil, ramp }) => [drainUntil, ramp?.start].filter((time) => time !== undefined)),
  );
}
