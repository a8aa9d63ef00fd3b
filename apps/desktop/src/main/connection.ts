import type { CountersSample, LbClient, StreamItem } from '@lb/control/client';
import type { Update } from '../shared/contract.js';
import type { DaemonInfo } from '../shared/daemon-info.js';
import { SamplePacker } from '../shared/sample-packer.js';

type State = Pick<DaemonInfo, 'state' | 'error' | 'retryAt'>;

/** After a refusal, as of a token that is void, trying again soon is no use. */
const REFUSED_RETRY_MS = 15_000;

export interface ConnectionTexts {
  /** Said while it is connected, as that its token is not kept. */
  readonly remark?: string;
  /** Why it is lost, in other words than the client's, which knows only the socket. */
  readonly reason?: (ofClient: string) => string;
}

/**
 * Follows one daemon: whether it is there, and what it tells. Events are followed all the time, since that shows whether the daemon
 * is there; they and counters are passed on while somebody watches.
 */
export class Connection {
  private stream: AbortController | undefined;
  private intervalMs: number | undefined;
  private packer = new SamplePacker();
  private lastEvent: number | undefined;
  private wasLost = false;
  private state: State = { state: 'connecting', error: null, retryAt: null };

  constructor(
    private readonly base: Omit<DaemonInfo, keyof State>,
    readonly client: LbClient,
    private readonly emit: (update: Update) => void,
    private readonly texts: ConnectionTexts = {},
  ) {}

  /** How often counters are passed on, in ms; undefined while nobody watches. */
  get watchedMs(): number | undefined {
    return this.intervalMs;
  }

  get info(): DaemonInfo {
    return { ...this.base, ...this.state };
  }

  /** Begins, or begins anew. */
  start(): void {
    this.stream?.abort();
    const stream = new AbortController();
    this.stream = stream;
    void this.follow(stream.signal);
  }

  /**
   * Stops following; the daemon counts as not there, for the reason given.
   * @param retryAt when whoever brings it here tries again, in ms of this machine's clock
   */
  pause(error: string, retryAt: number | null = null): void {
    this.stream?.abort();
    this.stream = undefined;
    this.wasLost = true;
    this.tell({ state: 'retrying', error, retryAt });
  }

  watch(intervalMs: number): void {
    // Who begins to watch has not seen any names yet.
    this.packer = new SamplePacker();
    if (this.intervalMs === intervalMs) return;
    this.intervalMs = intervalMs;
    if (this.stream !== undefined) this.start();
  }

  unwatch(): void {
    if (this.intervalMs === undefined) return;
    this.intervalMs = undefined;
    if (this.stream !== undefined) this.start();
  }

  close(): void {
    this.stream?.abort();
    this.stream = undefined;
    this.client.close();
  }

  private async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const item of this.items(signal)) if (!signal.aborted) this.take(item);
      } catch (error) {
        if (signal.aborted) return;
        this.lose((error as Error).message, REFUSED_RETRY_MS);
        await pause(REFUSED_RETRY_MS, signal);
      }
    }
  }

  private items(signal: AbortSignal): AsyncGenerator<StreamItem, void, undefined> {
    const { intervalMs, lastEvent } = this;
    return this.client.stream({
      signal,
      ...(intervalMs !== undefined && { interval: intervalMs }),
      ...(lastEvent !== undefined && { after: lastEvent }),
    });
  }

  private take(item: StreamItem): void {
    const daemon = this.base.id;
    if (item.type === 'connected') {
      this.tell({ state: 'connected', error: this.texts.remark ?? null, retryAt: null });
      // It may have been another daemon meanwhile, with another configuration.
      if (this.wasLost) this.pass({ daemon, kind: 'gap' });
      this.wasLost = false;
    } else if (item.type === 'lost') {
      this.lose(item.reason, item.retryMs);
    } else if (item.type === 'counters') this.passCounters(item.counters);
    else if (item.type === 'missed') this.pass({ daemon, kind: 'gap' });
    else {
      this.lastEvent = item.event.id;
      this.pass({ daemon, kind: 'event', event: item.event });
    }
  }

  private passCounters(counters: CountersSample): void {
    if (this.intervalMs === undefined) return;
    this.emit({ daemon: this.base.id, kind: 'counters', sample: this.packer.pack(counters) });
  }

  private lose(reason: string, retryMs: number): void {
    this.wasLost = true;
    const { reason: reword = (text: string) => text } = this.texts;
    this.tell({ state: 'retrying', error: reword(reason), retryAt: Date.now() + retryMs });
  }

  private pass(update: Update): void {
    if (this.intervalMs !== undefined) this.emit(update);
  }

  private tell(state: State): void {
    const before = this.state;
    if (state.state === before.state && state.error === before.error && state.retryAt === before.retryAt) return;
    this.state = state;
    this.emit({ daemon: this.base.id, kind: 'state', info: this.info });
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
