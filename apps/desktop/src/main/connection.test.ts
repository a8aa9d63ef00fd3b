import { type LbClient, RefusedError, type StreamItem, type StreamOptions } from '@lb/control/client';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Update } from '../shared/contract.js';
import { Connection } from './connection.js';

/** Against hanging, not a measurement: a busy machine is slow. */
const GUARD_MS = 30_000;
const base = { id: 'a', name: 'edge', kind: 'unix', where: '/run/lb.sock' } as const;
const counters = { type: 'counters', counters: { received: 1, vips: [] } } as unknown as StreamItem;
const event = (id: number) => ({ type: 'event', event: { id, type: 'notice' } }) as unknown as StreamItem;

/** Streams that the test fills: one for each time the client is asked. */
class Streams {
  readonly asked: StreamOptions[] = [];
  private readonly waiting: ((item: StreamItem | Error) => void)[] = [];

  readonly client = {
    stream: (options: StreamOptions) => {
      this.asked.push(options);
      return this.items(options.signal!);
    },
    close: () => {},
  } as unknown as LbClient;

  /** Gives an item to whoever waits for one, and lets it be worked on. */
  async give(...items: (StreamItem | Error)[]): Promise<void> {
    for (const item of items) {
      await vi.waitFor(() => expect(this.waiting).not.toHaveLength(0), GUARD_MS);
      this.waiting.shift()!(item);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private async *items(signal: AbortSignal): AsyncGenerator<StreamItem, void, undefined> {
    while (!signal.aborted) {
      const item = await new Promise<StreamItem | Error | undefined>((resolve) => {
        this.waiting.push(resolve);
        signal.addEventListener('abort', () => {
          const at = this.waiting.indexOf(resolve);
          if (at >= 0) this.waiting.splice(at, 1);
          resolve(undefined);
        });
      });
      if (item === undefined) return;
      if (item instanceof Error) throw item;
      yield item;
    }
  }
}

let streams: Streams;
let updates: Update[];
let connection: Connection;

beforeEach(() => {
  streams = new Streams();
  updates = [];
  connection = new Connection(base, streams.client, (update) => updates.push(update));
  return () => connection.close();
});

const kinds = () => updates.map((update) => (update.kind === 'state' ? update.info.state : update.kind));

it('tells how the connection is, and only that while nobody watches', async () => {
  expect(connection.info).toEqual({ ...base, state: 'connecting', error: null, retryAt: null });
  connection.start();
  const before = Date.now();
  await streams.give({ type: 'connected' }, event(7), { type: 'lost', reason: 'it ended', retryMs: 1000 });
  expect(kinds()).toEqual(['connected', 'retrying']);
  const { retryAt, ...info } = connection.info;
  expect(info).toEqual({ ...base, state: 'retrying', error: 'it ended' });
  expect(retryAt).toBeGreaterThanOrEqual(before + 1000);
  expect(retryAt).toBeLessThanOrEqual(Date.now() + 1000);
  expect(streams.asked[0]).not.toHaveProperty('interval');
});

it('passes on counters and events while somebody watches, from the last event on', async () => {
  connection.start();
  await streams.give({ type: 'connected' }, event(7));
  connection.watch(250);
  await streams.give({ type: 'connected' }, counters, event(8));
  expect(kinds()).toEqual(['connected', 'counters', 'event']);
  expect(streams.asked[1]).toMatchObject({ interval: 250, after: 7 });
  connection.unwatch();
  await streams.give({ type: 'connected' }, event(9));
  expect(kinds()).toHaveLength(3);
  expect(streams.asked[2]).toMatchObject({ after: 8 });
});

it('says that there is a gap after a loss, and when events are forgotten', async () => {
  connection.watch(250);
  connection.start();
  await streams.give({ type: 'connected' }, { type: 'lost', reason: 'x', retryMs: 1 }, { type: 'connected' });
  expect(kinds()).toEqual(['connected', 'retrying', 'connected', 'gap']);
  await streams.give({ type: 'missed' });
  expect(kinds().at(-1)).toBe('gap');
});

it('says why a daemon refuses', async () => {
  connection.start();
  await streams.give(new RefusedError(401, [{ code: 'LB_API_TOKEN', message: 'not one' }], undefined, undefined));
  expect(connection.info).toMatchObject({ state: 'retrying', error: 'not one' });
});

it('says nothing of a stream that it has left', async () => {
  connection.start();
  await streams.give({ type: 'connected' });
  connection.pause('the daemon ended', 12_345);
  expect(connection.info).toMatchObject({ state: 'retrying', error: 'the daemon ended', retryAt: 12_345 });
  expect(streams.asked[0]!.signal!.aborted).toBe(true);
});

it('tells everyone who begins to watch the names, also at the interval of before', async () => {
  connection.watch(250);
  connection.start();
  await streams.give({ type: 'connected' }, counters, counters);
  connection.watch(250);
  await streams.give(counters);
  const names = updates.flatMap((update) => (update.kind === 'counters' ? [update.sample.names] : []));
  expect(names).toEqual(['[]', null, '[]']);
});

it('says why it is lost in the words of whoever brings the daemon here', async () => {
  const texts = { remark: 'it is far', reason: (text: string) => `behind the hill: ${text}` };
  const far = new Connection(base, streams.client, (update) => updates.push(update), texts);
  far.start();
  await streams.give({ type: 'connected' });
  expect(far.info).toMatchObject({ state: 'connected', error: 'it is far', retryAt: null });
  await streams.give({ type: 'lost', reason: 'nobody', retryMs: 1 });
  expect(far.info).toMatchObject({ state: 'retrying', error: 'behind the hill: nobody' });
  far.close();
});
