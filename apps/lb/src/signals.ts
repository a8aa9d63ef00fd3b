/** Signals that end a program in an orderly way. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface SignalWatch {
  readonly signal: AbortSignal;
  /** Give signals back their ordinary effect. Repeating it does nothing. */
  release(): void;
}

/** Turns signals that would kill the program into an abort, so that it can clean up. */
export function abortOnSignals(): SignalWatch {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const name of ENDING) process.on(name, abort);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of ENDING) process.off(name, abort);
    },
  };
}
