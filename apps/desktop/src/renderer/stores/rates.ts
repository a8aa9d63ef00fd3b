import type { CountersSample } from '@lb/control/client';

/** A sample with the time at which it came, in ms of this machine's clock. */
export interface TimedSample {
  readonly receivedAt: number;
  readonly sample: CountersSample;
}

/** Rates are measured over at least this long, where there are samples enough. */
const WINDOW_MS = 1000;

/**
 * How fast a counter grows, per second of the daemon's clock, from the latest samples. Null where it is not known:
 * fewer than two samples, the thing counted is not in both, or the daemon began anew between them.
 * @param pick the counter; undefined where the sample does not have it
 */
export function ratePerSec(
  samples: readonly TimedSample[],
  pick: (sample: CountersSample) => number | undefined,
): number | null {
  const pair = ratePair(samples);
  if (pair === undefined) return null;
  const [from, to] = [pick(pair.before), pick(pair.after)];
  if (from === undefined || to === undefined || to < from) return null;
  return (to - from) / pair.seconds;
}

/** The samples between which rates of now are measured. */
export interface RatePair {
  readonly before: CountersSample;
  readonly after: CountersSample;
  readonly seconds: number;
}

/** The latest sample, and the latest of those that are at least a second older, else the oldest. */
export function ratePair(samples: readonly TimedSample[]): RatePair | undefined {
  const after = samples.at(-1)?.sample;
  if (after === undefined) return undefined;
  const end = Date.parse(after.at);
  const old = samples.findLast(({ sample }) => end - Date.parse(sample.at) >= WINDOW_MS) ?? samples[0]!;
  const seconds = (end - Date.parse(old.sample.at)) / 1000;
  if (!(seconds > 0) || old.sample.uptimeSec > after.uptimeSec) return undefined;
  return { before: old.sample, after, seconds };
}
