import { afterAll, beforeAll, expect, it } from 'vitest';
import { runMain } from '../cli.testkit.js';
import { CommandApi } from '../client/api.testkit.js';
import { main } from '../main.js';

let api: CommandApi;
beforeAll(async () => {
  api = await CommandApi.open();
});
afterAll(() => api.close());

it('prints everything once where there is no terminal', async () => {
  const text = await api.output('top', '--interval', '0.1');
  expect(text).toMatch(/^lb top {2}lb1, revision 1, .*generated traffic\n/);
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) expect(text).toContain(`\n  ${address} `);
});

it('prints counters as lines of JSON until a signal', async () => {
  const lines: string[] = [];
  let three: () => void = () => {};
  const whenThree = new Promise<void>((resolve) => {
    three = resolve;
  });
  const write = (text: string): void => {
    lines.push(text);
    if (lines.length === 3) three();
  };
  const argv = ['top', '--json', '--interval', '0.1', '--socket', api.socket];
  const running = main(argv, { stdout: { write }, stderr: { write } });
  await whenThree;
  process.emit('SIGINT', 'SIGINT');
  expect(await running).toBe(0);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ revision: 1, vips: [{}, {}] });
});

it('says at once that no daemon runs', async () => {
  const { status, stderr } = await runMain('top', '--socket', api.folder.file('none.sock'));
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^lb top: no daemon runs/)]);
});

it('on a terminal says when the daemon is gone, and gives the terminal back at the end', async () => {
  const daemon = await CommandApi.open();
  let screen = '';
  let look: () => void = () => {};
  const shows = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      look = () => pattern.test(screen) && resolve();
      look();
    });
  const write = (text: string): void => {
    screen += text;
    look();
  };
  const stdout = { write, isTTY: true, columns: 100, rows: 30 };
  const term = process.env.TERM;
  process.env.TERM = 'xterm';
  const running = main(['top', '--interval', '0.1', '--socket', daemon.socket], {
    stdout,
    stderr: { write: () => {} },
  });
  await shows(/lb top {2}lb1.*10\.0\.0\.3/s);
  await daemon.close();
  await shows(/no answer from the daemon for \d+ s: these figures are old/);
  process.emit('SIGINT', 'SIGINT');
  expect(await running).toBe(0);
  expect(screen.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  if (term === undefined) delete process.env.TERM;
  else process.env.TERM = term;
});
