import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryBalancer } from './balancer.testkit.js';
import { CounterSampler } from './counter-sampler.js';
import { EventStream, type EventStreamOptions } from './event-stream.js';

let balancer: MemoryBalancer;
let stream: EventStream;

beforeEach(async () => {
  balancer = await MemoryBalancer.open();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  stream.destroy();
  vi.useRealTimers();
});

function open(options: Partial<EventStreamOptions>): void {
  const usual = { intervalMs: 100, counters: false, events: false };
  stream = new EventStream(balancer, new CounterSampler(balancer), { ...usual, ...options });
}

function notice(text: string): number {
  return balancer.events.add({ type: 'notice', level: 'info', code: 'LB_X', text }).id;
}

/** What has been written and not read yet. */
function written(): string {
  return String(stream.read() ?? '');
}

it('counters come at the rate asked for, and a sign of life in between', () => {
  open({ counters: true, intervalMs: 10_000 });
  vi.advanceTimersByTime(29_000);
  const kinds = written().match(/^(event: \w+|: alive|retry: \d+)$/gm);
  const counters = 'event: counters';
  expect(kinds).toEqual(['retry: 1000', counters, counters, ': alive', counters]);
});

it('the first counters are of the moment, those of a rate may be shared by all who look', () => {
  const sampler = new CounterSampler(balancer);
  const text = sampler.json();
  expect(sampler.json()).toBe(text);
  vi.spyOn(balancer, 'counters').mockReturnValue({ ...balancer.counters(), revision: 77 });
  expect(sampler.json()).toBe(text);
  stream = new EventStream(balancer, sampler, { intervalMs: 100, counters: true, events: false });
  expect(written()).toContain('"revision":77');
});

it('events begin where the client says, with their ids', () => {
  const first = notice('a');
  notice('b');
  open({ events: true, after: first });
  notice('c');
  expect(written().match(/"text":"."|^id: \d+$/gm)).toEqual([
    ...[`id: ${first + 1}`, '"text":"b"', `id: ${first + 1}`],
    ...[`id: ${first + 2}`, '"text":"c"'],
  ]);
});

it('says that events are forgotten, and takes an id of another daemon for none', () => {
  const first = notice('a');
  for (let n = 0; n < 5000; n++) notice('b');
  open({ events: true, after: first });
  expect(written()).toContain('event: missed');
  stream.destroy();
  open({ events: true, after: first + 1_000_000 });
  expect(written().match(/event: event/g)).toHaveLength(4096);
});

it('who does not read misses counters, not events, and is cut off when too far behind', () => {
  open({ counters: true, events: true });
  vi.advanceTimersByTime(1_000_000);
  const bytes = stream.readableLength;
  expect(bytes).toBeLessThan(512 * 1024);
  notice('late');
  expect(stream.readableLength).toBeGreaterThan(bytes);
  const text = 'x'.repeat(1024 * 1024);
  for (let n = 0; n < 20; n++) notice(text);
  expect(stream.destroyed).toBe(true);
  expect(balancer.events.listenerCount('event')).toBe(0);
});
