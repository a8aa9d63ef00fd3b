import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';
import { main } from '../main.js';
import { momentText } from '../text.js';

let api: CommandApi;
beforeAll(async () => {
  api = await CommandApi.open();
  await api.output('conf', 'timeout', '50');
  await api.output('conf', 'timeout', '60');
});
afterAll(() => api.close());

const events = () => api.test.balancer.events.latest(10).events;

it('lists what happened, oldest first', async () => {
  const lines = events().map(({ at, text }) => `${momentText(at)}  info   ${text}\n`);
  expect(lines).toHaveLength(2);
  expect(await api.output('events')).toBe(lines.join(''));
  expect(await api.output('events', '--limit', '1')).toBe(lines[1]);
});

it('as lines of JSON, later than an id', async () => {
  const [first, second] = events();
  const out = await api.output('events', '--after', String(first!.id), '--json');
  expect(out).toBe(`${JSON.stringify(second)}\n`);
});

it('goes on with what happens then, without a gap, until a signal', async () => {
  const written: string[] = [];
  let more: () => void = () => {};
  const write = (text: string): void => {
    written.push(text);
    more();
  };
  const count = (wanted: number) =>
    new Promise<void>((resolve) => {
      more = () => written.length >= wanted && resolve();
      more();
    });
  const following = main(['events', '--follow', '--json', '--socket', api.socket], {
    stdout: { write },
    stderr: { write: () => {} },
  });
  await count(2);
  await api.output('conf', 'timeout', '70');
  await count(3);
  expect(written.map((line) => JSON.parse(line).id)).toEqual(events().map(({ id }) => id));
  process.emit('SIGINT', 'SIGINT');
  expect(await following).toBe(0);
});
