/** Time as the checks see it; tests put in one that they move themselves. */
export interface HealthClock {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** Milliseconds since 1970 in UTC, for what people read and what is saved. */
  wall(): number;
  /** Calls back once, after `delayMs`; the function returned prevents that. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The system's clock. What sockets have received by the time of a call has been handed out before it. */
export const systemClock: HealthClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (delayMs, callback) => {
    let immediate: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      // Timers come first in a turn of the event loop and sockets second: after a pause of the process an answer that
      // has long been here must not count as late.
      immediate = setImmediate(callback);
    }, delayMs);
    return () => {
      clearTimeout(timer);
      if (immediate !== undefined) clearImmediate(immediate);
    };
  },
};
