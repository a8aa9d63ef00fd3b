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

/** In every thread, performance.now() counts from when that thread began. */
function threadStartMs(): number {
  const [sec, nsec] = process.hrtime();
  return sec * 1000 + nsec / 1e6 - performance.now();
}
const startMs = threadStartMs();

/**
 * Monotonic clock: never jumps when the wall clock is set. The same in all threads of this machine, so that a table
 * which one thread leaves to another, or reads over another's shoulder, means the same to both.
 */
export const monotonicClock: Clock = () => ticksOfMs(performance.now() + startMs);
