import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** `young` takes a millisecond in a worker, most of it to give back memory, and finds what came lately; `all` takes tens of milliseconds. */
export type Thoroughness = 'young' | 'all';

/**
 * Gives back the memory of buffers that a thread does not use any more. V8 does not count shared memory when it decides whether to
 * collect: a buffer of 50 MB is to it an object of a hundred bytes, and a worker that allocates nothing would never let go of one.
 * A thousand and more have been seen waiting.
 */
export class ImageGarbage {
  private waitingBytes = 0;

  /**
   * @param limitBytes how much may wait
   * @param restLimitBytes how much may wait where nothing else does
   */
  constructor(
    private readonly thoroughness: Thoroughness,
    private readonly limitBytes: number,
    private readonly restLimitBytes = limitBytes,
    private readonly collect: (how: Thoroughness) => void = collector(),
  ) {}

  /** So many bytes are not used any more, or will not be when {@link settle} is called. */
  add(bytes: number): void {
    this.waitingBytes += bytes;
  }

  /** Collects if too much waits. Call it when nothing refers to what was added. */
  settle(): void {
    if (this.waitingBytes >= this.limitBytes) this.collectNow();
  }

  /** As {@link settle}, where there is nothing else to do. */
  settleAtRest(): void {
    if (this.waitingBytes >= this.restLimitBytes) this.collectNow();
  }

  private collectNow(): void {
    this.waitingBytes = 0;
    this.collect(this.thoroughness);
  }
}

/** V8's own collector, which a flag lays open. In Electron, where changing flags late was not tried, V8 decides alone. */
function collector(): (how: Thoroughness) => void {
  if (process.versions.electron !== undefined) return () => {};
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  return (how) => (how === 'young' ? collect({ type: 'minor' }) : collect());
}
