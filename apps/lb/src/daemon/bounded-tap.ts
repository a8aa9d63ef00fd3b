import type { Tap, TapRecord } from '@lb/dataplane';

/** When a tap ends, besides having its packets. */
export interface TapEnd {
  readonly seconds: number;
  /** Nobody wants more. */
  readonly signal: AbortSignal;
  /** Whether records are no longer those that were asked for. Asked for each batch. */
  readonly isOver: () => boolean;
}

/** A tap that closes by itself when its time is up or on a signal, also when nobody reads. */
export class BoundedTap {
  /** Wanted packets that found no room. */
  missed = 0;
  private readonly ended = new AbortController();
  private readonly timer: NodeJS.Timeout;
  /** What was recorded last, before time was up. */
  private rest: readonly TapRecord[] = [];

  constructor(
    private readonly tap: Tap,
    private readonly end: TapEnd,
  ) {
    const { seconds, signal } = end;
    this.timer = setTimeout(() => {
      this.rest = tap.read();
      this.close();
    }, seconds * 1000);
    if (signal.aborted) this.close();
    else signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Records as they come, in batches. However it is left, the tap is closed then. */
  async *batches(): AsyncGenerator<readonly TapRecord[], void, undefined> {
    try {
      for await (const records of this.tap.batches(this.ended.signal)) {
        if (this.end.isOver()) return;
        yield records;
      }
      if (this.rest.length > 0 && !this.end.isOver()) yield this.rest;
    } finally {
      this.close();
    }
  }

  /** Repeating it does nothing. */
  private close(): void {
    if (this.ended.signal.aborted) return;
    clearTimeout(this.timer);
    this.missed = this.tap.missed;
    this.tap.close();
    this.ended.abort();
  }
}
