import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { openCapture } from '@lb/dataplane';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommandApi } from '../client/api.testkit.js';

let api: CommandApi;
beforeAll(async () => {
  api = await CommandApi.open();
});
afterAll(() => api.close());

/** Lengths of the packets of a capture, to its end. */
function lengths(path: string): number[] {
  const reader = openCapture(path);
  const found: number[] = [];
  while (reader.next()) found.push(reader.originalLength);
  reader.close();
  return found;
}

it('writes a file, and says what is in it and what is not', async () => {
  const path = api.folder.file('x.pcapng');
  const { status, stdout, stderr } = await api.run('capture', '--out', path, '--count', '2');
  const size = readFileSync(path).length;
  expect([status, stderr]).toEqual([0, 'lb capture: 3 more packets came too fast to be kept\n']);
  expect(stdout).toBe(`${path}: 2 packets received, 2 sent, ${size} bytes\n`);
  expect(lengths(path)).toEqual([60, 84, 60, 84]);
});

it('of one side, with a report in JSON, of the packets that the options name', async () => {
  const path = api.folder.file('sent.pcapng');
  const words = ['--side', 'sent', '--count', '3', '--seconds', '5', '--client', '198.51.100.7', '--json'];
  const { stdout } = await api.run('capture', '--out', path, ...words);
  expect(JSON.parse(stdout)).toEqual({ received: 0, sent: 3, bytes: readFileSync(path).length, missed: 3 });
  expect(lengths(path)).toEqual([84, 84, 84]);
  expect(api.test.balancer.captured.at(-1)).toMatchObject({
    side: 'sent',
    count: 3,
    seconds: 5,
    client: '198.51.100.7/32',
  });
});

it('leaves no file where the daemon refuses, or where none can be', async () => {
  const path = api.folder.file('none.pcapng');
  const refused = await api.run('capture', '--out', path, '--reason', 'never');
  expect([refused.status, refused.stdout, existsSync(path)]).toEqual([1, '', false]);
  const nowhere = await api.run('capture', '--out', api.folder.file('no/where.pcapng'));
  expect(nowhere.stderr).toMatch(/^lb capture: .*where\.pcapng: cannot be created.*\(LB_CAP_CREATE\)\n$/);
  expect((await api.run('capture')).stderr).toMatch(/--out.*not specified.*LB_CLI_USAGE/);
});

/** Packets in the file that a capture is going to have, while it goes on. */
function soFar(): number {
  const part = readdirSync(api.folder.path).find((name) => name.endsWith('.part'));
  if (part === undefined || statSync(api.folder.file(part)).size === 0) return 0;
  return lengths(api.folder.file(part)).length;
}

it('is the only one, and ends with a signal: what has come is kept', async () => {
  api.test.balancer.endless = true;
  const path = api.folder.file('signal.pcapng');
  const ended = api.run('capture', '--out', path);
  while (soFar() < 20) await new Promise(setImmediate);
  const second = await api.run('capture', '--out', api.folder.file('second.pcapng'));
  expect(second).toEqual({
    status: 1,
    stdout: '',
    stderr: 'lb capture: packets are being captured or traced already (LB_WORKER_TAP_BUSY)\n',
  });
  process.emit('SIGINT', 'SIGINT');
  expect(await ended).toMatchObject({ status: 0, stdout: expect.stringMatching(/: 10 packets received, 10 sent/) });
  expect(lengths(path)).toHaveLength(20);
});

it('keeps what has come when the daemon ends, and says so', async () => {
  while (api.test.balancer.capturing > 0) await new Promise(setImmediate);
  const path = api.folder.file('broken.pcapng');
  const ended = api.run('capture', '--out', path);
  while (soFar() < 20) await new Promise(setImmediate);
  await api.test.api.close();
  const { status, stdout, stderr } = await ended;
  expect(stdout).toMatch(/: 10 packets received, 10 sent/);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^lb capture: the daemon on .* does not answer.*\n$/)]);
  expect(lengths(path)).toHaveLength(20);
});
