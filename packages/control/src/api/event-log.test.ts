import { expect, it } from 'vitest';
import type { LbEvent } from './contract/events.js';
import { EventLog } from './event-log.js';

function log(capacity: number): EventLog {
  return new EventLog(capacity, () => new Date(0), 101);
}

function add(to: EventLog, text: string): LbEvent {
  return to.add({ type: 'notice', level: 'info', code: 'LB_X', text });
}

it('numbers events, tells listeners, and counts by type', () => {
  const events = log(10);
  const heard: LbEvent[] = [];
  events.on('event', (event) => heard.push(event));
  expect(events.lastId).toBe(100);
  expect(add(events, 'a')).toMatchObject({ id: 101, at: '1970-01-01T00:00:00.000Z', text: 'a' });
  add(events, 'b');
  expect(heard.map(({ id }) => id)).toEqual([101, 102]);
  expect(events.counts.get('notice')).toBe(2);
});

it('keeps the latest, and says when some between are forgotten', () => {
  const events = log(3);
  for (const text of 'abcde') add(events, text);
  const ids = (id: number, limit?: number) => {
    const { events: found, missed } = events.since(id, limit);
    return [found.map((event) => event.id), missed];
  };
  expect(ids(105)).toEqual([[], false]);
  expect(ids(102)).toEqual([[103, 104, 105], false]);
  expect(ids(101)).toEqual([[103, 104, 105], true]);
  expect(ids(102, 2)).toEqual([[103, 104], false]);
  expect(ids(0)).toEqual([[103, 104, 105], true]);
  expect(events.latest(2).events.map(({ id }) => id)).toEqual([104, 105]);
});

it('ids of a daemon that was started again are later', () => {
  const first = new EventLog(10, () => new Date(1000));
  add(first, 'a');
  expect(add(new EventLog(10, () => new Date(2000)), 'b').id).toBeGreaterThan(first.lastId);
});
