import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';
import { momentText } from '../text.js';

let api: CommandApi;
beforeAll(async () => {
  api = await CommandApi.open();
  for (const [timeout, note] of [
    [50, 'longer'],
    [60, 'two\nlines'],
  ] as const) {
    const change = (config: typeof api.config) => ({ ...config, timeout });
    await api.test.balancer.change(change, { author: 'erin', note });
  }
});
afterAll(() => api.close());

describe('history', () => {
  it('lists the revisions, newest first, each on a line', async () => {
    const { time } = api.test.balancer.revisions.current;
    const [titles, newest, ...others] = (await api.output('history')).trimEnd().split('\n');
    expect(titles).toMatch(/^REVISION {2}TIME +AUTHOR +NOTE$/);
    expect(newest).toBe(`       3  ${momentText(time)}  erin    two lines`);
    expect(others.map((line) => line.trim().split(/\s/)[0])).toEqual(['2', '1']);
  });

  it('as many as asked for, below a number, as JSON', async () => {
    expect(await api.json('history', '--limit', '1')).toMatchObject([{ number: 3 }]);
    expect(await api.json('history', '--before', '3')).toMatchObject([{ number: 2, note: 'longer' }, { number: 1 }]);
  });
});

describe('diff', () => {
  it('shows the last change by itself', async () => {
    expect(await api.output('diff')).toBe('~ timeout 50 -> 60\n');
  });

  it('shows what lies between one revision and the last, or another', async () => {
    expect(await api.output('diff', '1')).toBe('~ timeout 40 -> 60\n');
    expect(await api.output('diff', '2', '1')).toBe('~ timeout 50 -> 40\n');
    expect(await api.output('diff', '3', '3')).toBe('no difference\n');
    expect(await api.json('diff', '1', '2')).toMatchObject([{ kind: 'change', path: 'timeout', from: 40, to: 50 }]);
  });

  it('says which revision there is not', async () => {
    expect((await api.run('diff', '1', '8')).stderr).toMatch(/^lb diff: .*8.*\(LB_STATE_NO_REVISION\)\n$/);
    expect((await api.run('diff', '0')).stderr).toContain(
      "a revision must be a whole number from 1 to 999999999, got '0'",
    );
  });
});
