/**
 * The dataplane's clock: ticks of 1/16 s as an unsigned 32-bit number that wraps (after eight and a half years).
 * Expiry compares signed differences, so a wrap is harmless; see FlowTable.
 */
export const TICKS_PER_SECOND = 16;

/** Ticks of a time in milliseconds since any fixed point. */
export function ticksOfMs(ms: number): number {
  return Math.floor((ms * TICKS_PER_SECOND) / 1000) >>> 0;
}

/** A source of the current tick. */
export type Clock = () => number;

/** Monotonic clock: never jumps when the wall clock is set. */
export const monotonicClock: Clock = () => ticksOfMs(performance.now());
