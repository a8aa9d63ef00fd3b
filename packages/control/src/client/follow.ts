import type { CountersSample } from '../api/contract/counters.js';
import type { LbEvent } from '../api/contract/events.js';
import { clientError, RefusedError } from './errors.js';
import { type SseMessage, SseParser } from './sse-parser.js';
import type { Incoming } from './transport.js';

/** What a stream brings. `lost` and `connected` tell how old what was seen before is. */
export type StreamItem =
  | { readonly type: 'connected' }
  | { readonly type: 'lost'; readonly reason: string; readonly retryMs: number }
  | { readonly type: 'counters'; readonly counters: CountersSample }
  | { readonly type: 'event'; readonly event: LbEvent }
  | { readonly type: 'missed' };

export interface FollowOptions {
  /** Opens the stream, with the events later than `after`. */
  readonly open: (after: number | undefined, signal: AbortSignal) => Promise<Incoming>;
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** For tests: waits before a connection is made again. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;
/** The server says something every fifteen seconds. */
const SILENCE_MS = 40_000;

/**
 * Follows a stream and connects again when it is lost, from the last event on. Ends when `signal` is aborted.
 * @throws LbError when the daemon refuses: waiting does not help then
 */
export async function* follow(options: FollowOptions): AsyncGenerator<StreamItem, void, undefined> {
  const { open, signal, wait = pause } = options;
  let { after } = options;
  let failures = 0;
  while (!signal?.aborted) {
    const connection = new AbortController();
    const abort = (): void => connection.abort();
    signal?.addEventListener('abort', abort, { once: true });
    const parser = new SseParser();
    let reason = 'the daemon ended the stream';
    try {
      const incoming = await open(after, connection.signal);
      yield { type: 'connected' };
      for await (const message of messages(incoming, parser, connection)) {
        failures = 0;
        if (message.id !== undefined) after = Number(message.id);
        const item = itemOf(message);
        if (item !== undefined) yield item;
      }
    } catch (error) {
      if (error instanceof RefusedError && error.status < 500 && error.status !== 429) throw error;
      reason = (error as Error).message;
    } finally {
      signal?.removeEventListener('abort', abort);
      connection.abort();
    }
    if (signal?.aborted) return;
    const retryMs = Math.min((parser.retryMs ?? RETRY_MS) * 2 ** failures++, LONGEST_RETRY_MS);
    yield { type: 'lost', reason, retryMs };
    await wait(retryMs, signal);
  }
}

async function* messages(
  incoming: Incoming,
  parser: SseParser,
  connection: AbortController,
): AsyncGenerator<SseMessage, void, undefined> {
  incoming.setEncoding('utf8');
  const silence = setTimeout(() => connection.abort(), SILENCE_MS);
  try {
    for await (const text of incoming as AsyncIterable<string>) {
      silence.refresh();
      yield* parser.push(text);
    }
  } finally {
    clearTimeout(silence);
  }
}

function itemOf({ event, data }: SseMessage): StreamItem | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw clientError('LB_CLIENT_ANSWER', 'the stream has a message that is not JSON');
  }
  if (event === 'counters') return { type: 'counters', counters: value as CountersSample };
  if (event === 'event') return { type: 'event', event: value as LbEvent };
  if (event === 'missed') return { type: 'missed' };
  return undefined;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
