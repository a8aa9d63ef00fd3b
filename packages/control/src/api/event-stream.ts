import { Readable } from 'node:stream';
import type { Balancer } from './balancer.js';
import type { LbEvent } from './contract/events.js';
import type { CounterSampler } from './counter-sampler.js';

export interface EventStreamOptions {
  readonly intervalMs: number;
  readonly counters: boolean;
  readonly events: boolean;
  /** Begin with the events later than this one; absent: with those to come. */
  readonly after?: number;
}

/** A client that has not read this much misses counters, and, being this far behind, is cut off. */
const SLOW_BYTES = 256 * 1024;
const LOST_BYTES = 16 * 1024 * 1024;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1000;

/**
 * Counters at a rate and events as they come, as server-sent events (HTML standard, 9.2). Events carry their ids, so that
 * a client that comes back with Last-Event-ID misses none; `event: missed` says that some are forgotten.
 */
export class EventStream extends Readable {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly onEvent = (event: LbEvent): void => this.writeEvent(event);

  constructor(
    private readonly balancer: Balancer,
    private readonly sampler: CounterSampler,
    options: EventStreamOptions,
  ) {
    super({ highWaterMark: SLOW_BYTES });
    this.write(`retry: ${RETRY_MS}\n\n`);
    if (options.events) this.follow(options.after);
    if (options.counters) {
      this.write(countersText(this.sampler.freshJson()));
      this.timers.push(setInterval(() => this.writeCounters(), options.intervalMs));
    }
    this.timers.push(setInterval(() => this.write(': alive\n\n'), HEARTBEAT_MS));
  }

  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    for (const timer of this.timers) clearInterval(timer);
    this.balancer.events.off('event', this.onEvent);
    done(error);
  }

  /** Ends it from this side; the client may come back. */
  finish(): void {
    if (!this.destroyed) this.push(null);
    for (const timer of this.timers) clearInterval(timer);
    this.balancer.events.off('event', this.onEvent);
  }

  private follow(after: number | undefined): void {
    const { events } = this.balancer;
    if (after !== undefined) {
      // An id that is still to come is one of another daemon: all that is known is new then.
      const { events: late, missed } = events.since(after > events.lastId ? 0 : after);
      if (missed) this.write('event: missed\ndata: {}\n\n');
      for (const event of late) this.writeEvent(event);
    }
    // From here on a client that comes back can say what it has seen, whether there were events or not.
    this.write(`id: ${events.lastId}\nevent: ready\ndata: {}\n\n`);
    events.on('event', this.onEvent);
  }

  private writeEvent(event: LbEvent): void {
    this.write(`id: ${event.id}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`);
  }

  private writeCounters(): void {
    if (this.readableLength < SLOW_BYTES) this.write(countersText(this.sampler.json()));
  }

  private write(text: string): void {
    if (this.destroyed || this.readableEnded) return;
    if (this.readableLength > LOST_BYTES) this.destroy();
    else this.push(text);
  }
}

function countersText(json: string): string {
  return `event: counters\ndata: ${json}\n\n`;
}
