import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../errors.js';
import type { Config } from '../schema.js';
import { DesiredState } from './desired-state.js';
import { config, refusal, temporaryFolder } from './state.testkit.js';
import { StateStore } from './state-store.js';

const base = temporaryFolder();
let made = 0;
const ann = { author: 'ann' };
const timeout = (value: number) => (current: Config) => ({ ...current, timeout: value });

describe.each(['on disk', 'in memory'])('%s', (where) => {
  async function started(initial = config()): Promise<DesiredState> {
    const store = where === 'on disk' ? await StateStore.open(path.join(base, `state-${++made}`)) : undefined;
    return DesiredState.open(store, initial);
  }

  test('the first revision is what the daemon was started with', async () => {
    const state = await started(config({ timeout: 7 }));
    expect(state.current).toEqual({
      number: 1,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      author: 'lb',
      note: 'first start',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      config: config({ timeout: 7 }),
    });
  });

  test('a change is a new revision with author, time and note, and is told', async () => {
    const state = await started();
    const told = vi.fn();
    state.on('revision', told);
    const time = new Date('2026-01-02T03:04:05Z');
    const next = await state.change(timeout(8), { author: 'bob', note: 'faster', time });
    expect(next).toMatchObject({ number: 2, author: 'bob', note: 'faster', time: '2026-01-02T03:04:05.000Z' });
    expect(next.config).toEqual(config({ timeout: 8 }));
    expect(state.current).toBe(next);
    expect(told.mock.calls).toEqual([[next]]);
    expect(await state.revision(2)).toEqual(next);
  });

  test('what changes nothing makes no revision, in whatever order its keys are', async () => {
    const state = await started(config({ timeout: 7, vips: [{ prefix: '10.0.0.0/8' }] }));
    const prepare = vi.fn();
    const reversed = (value: object): object =>
      Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, Array.isArray(inner) ? inner.map(reversed) : inner]),
      );
    const same = await state.change((current) => reversed(current) as Config, { ...ann, prepare });
    expect(same).toBe(state.current);
    expect([state.current.number, prepare.mock.calls]).toEqual([1, []]);
  });

  test('a change based on another revision is refused with the number of the current one', async () => {
    const state = await started();
    await state.change(timeout(8), { ...ann, ifMatch: 1 });
    const make = vi.fn(timeout(9));
    const error = await refusal(state.change(make, { author: 'bob', ifMatch: 1 }));
    expect(error).toMatchObject({
      code: 'LB_STATE_CONFLICT',
      message: 'the change is based on revision 1, and the current one is 2, by ann',
      current: 2,
    });
    expect(make).not.toHaveBeenCalled();
    await state.change(timeout(9), { author: 'bob', ifMatch: 2 });
    expect(state.current.number).toBe(3);
  });

  test('of two at the same time on one revision, one is refused', async () => {
    const state = await started();
    const outcomes = await Promise.allSettled(
      [8, 9].map((value) => state.change(timeout(value), { ...ann, ifMatch: 1 })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(state.current.config.timeout).toBe(8);
  });

  test('changes come one after the other, each on the result of the one before', async () => {
    const state = await started(config({ timeout: 1 }));
    const numbers: number[] = [];
    state.on('revision', ({ number }) => numbers.push(number));
    const all = Array.from({ length: 20 }, () => state.change((current) => timeout(current.timeout + 1)(current), ann));
    const revisions = await Promise.all(all);
    expect(revisions.map(({ number, config }) => number - config.timeout)).toEqual(Array(20).fill(0));
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
  });

  test('a change that fails in any way leaves everything as it was, and the next one is carried out', async () => {
    const state = await started();
    const { current } = state;
    const told = vi.fn();
    state.on('revision', told);
    const oops = () => {
      throw new Error('oops');
    };
    await expect(state.change(oops, ann)).rejects.toThrow('oops');
    await expect(state.change(timeout(8), { ...ann, prepare: oops })).rejects.toThrow('oops');
    await expect(state.change(timeout(8), { ...ann, prepare: async () => oops() })).rejects.toThrow('oops');
    await expect(state.change(timeout(0), ann)).rejects.toThrow(ConfigError);
    await expect(
      state.change((config) => {
        config.vips.push({} as never);
        return config;
      }, ann),
    ).rejects.toThrow(TypeError);
    expect([state.current, state.history().length, told.mock.calls]).toEqual([current, 1, []]);
    expect((await state.change(timeout(8), ann)).number).toBe(2);
  });

  test('the configuration to be is shown before anything is done', async () => {
    const state = await started();
    const prepare = vi.fn((next: Config) => {
      expect([next.timeout, state.current.number]).toEqual([8, 1]);
    });
    await state.change(timeout(8), { ...ann, prepare });
    expect(prepare).toHaveBeenCalledTimes(1);
  });

  test('times are in the order of the numbers, also if the clock was set back', async () => {
    const state = await started();
    const day = new Date(Date.parse(state.current.time) + 86_400_000);
    await state.change(timeout(8), { ...ann, time: day });
    await state.change(timeout(9), ann);
    expect(state.current).toMatchObject({ number: 3, time: day.toISOString() });
  });

  test('going back is a change like others', async () => {
    const state = await started(config({ timeout: 7 }));
    for (const value of [8, 9]) await state.change(timeout(value), ann);
    const back = await state.rollback(1, { author: 'bob', ifMatch: 3 });
    expect(back).toMatchObject({ number: 4, author: 'bob', note: 'roll back to revision 1' });
    expect([back.config.timeout, back.hash]).toEqual([7, (await state.revision(1)).hash]);
    expect((await state.rollback(2, { ...ann, note: 'as before' })).note).toBe('as before');
    expect(await refusal(state.rollback(1, { ...ann, ifMatch: 4 }))).toMatchObject({
      code: 'LB_STATE_CONFLICT',
      current: 5,
    });
    expect(await refusal(state.rollback(77, ann))).toMatchObject({
      code: 'LB_STATE_NO_REVISION',
      message: 'there is no revision 77: kept are 1 to 5',
    });
  });

  test('the history comes newest first, in pages', async () => {
    const state = await started();
    for (let value = 1; value <= 5; value++) await state.change(timeout(value), { ...ann, note: `to ${value}` });
    expect(state.history().map(({ number, note }) => [number, note])).toEqual([
      [6, 'to 5'],
      [5, 'to 4'],
      [4, 'to 3'],
      [3, 'to 2'],
      [2, 'to 1'],
      [1, 'first start'],
    ]);
    expect(state.history({ before: 5, limit: 2 }).map(({ number }) => number)).toEqual([4, 3]);
    expect(state.history({ before: 1 })).toEqual([]);
    expect(Object.keys(state.history()[0]!)).toEqual(['number', 'time', 'author', 'note', 'hash']);
  });
});

test('the revisions of the disk win over what the daemon is started with', async () => {
  const folder = path.join(base, 'kept');
  let store = await StateStore.open(folder);
  const before = await DesiredState.open(store, config({ timeout: 7 }));
  await before.change(timeout(8), ann);
  await store.close();
  expect(await refusal(before.change(timeout(9), ann))).toMatchObject({ code: 'LB_STATE_CLOSED' });
  store = await StateStore.open(folder);
  const after = await DesiredState.open(store, config({ timeout: 99 }));
  expect(after.current).toEqual(before.current);
  expect(after.current.config.timeout).toBe(8);
  await store.close();
});
