import type { AsConfig } from '../schema.js';

/** Whole seconds since the start of the ramp; undefined when there is none or it is over. Negative before it starts. */
function elapsed({ ramp }: AsConfig, nowMs: number): number | undefined {
  if (ramp === undefined) return undefined;
  const seconds = Math.floor((nowMs - Date.parse(ramp.start)) / 1000);
  return seconds < ramp.seconds ? seconds : undefined;
}

/**
 * The weight of an AS on its ramp, which moves at whole seconds after the start; undefined when there is no ramp or it
 * is over, and the configured weight counts.
 */
export function rampWeight(as: AsConfig, nowMs: number): number | undefined {
  const seconds = elapsed(as, nowMs);
  return seconds === undefined ? undefined : weightAfter(as, Math.max(0, seconds));
}

/** The next moment at which {@link rampWeight} changes, or says that the ramp is over. */
export function nextRampChange(as: AsConfig, nowMs: number): number | undefined {
  const seconds = elapsed(as, nowMs);
  if (seconds === undefined) return undefined;
  const { start, seconds: length } = as.ramp!;
  return Date.parse(start) + Math.min(nextStep(as, Math.max(0, seconds)), length) * 1000;
}

function weightAfter({ ramp, weight }: AsConfig, seconds: number): number {
  const { from, seconds: length } = ramp!;
  return Math.round((from * length + (weight - from) * seconds) / length);
}

/** The first second after `seconds` with another rounded weight: where the line crosses the next half. */
function nextStep(as: AsConfig, seconds: number): number {
  const { from, seconds: length } = as.ramp!;
  const now = weightAfter(as, seconds);
  if (as.weight >= from) return Math.ceil(((2 * (now - from) + 1) * length) / (2 * (as.weight - from)));
  return Math.floor(((2 * (from - now) + 1) * length) / (2 * (from - as.weight))) + 1;
}
