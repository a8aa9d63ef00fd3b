import { once } from 'node:events';
import { existsSync, lstatSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { LbEvent, Status } from '@lb/control/api';
import { afterAll, afterEach, expect, it } from 'vitest';
import { runMain, TestFolder } from '../cli.testkit.js';
import { listenOnSocket } from './control-socket.js';
import { ServeProgram } from './program.testkit.js';

const folder = new TestFolder();
let program: ServeProgram | undefined;
let other: Server | undefined;
afterEach(async () => {
  await program?.stop('SIGKILL');
  other?.close();
});
afterAll(() => folder.remove());

const pidOf = async (daemon: ServeProgram) => (await daemon.ask<Status>('GET', '/v1/status')).body.pid;
const noticesOf = async (daemon: ServeProgram) =>
  (await daemon.ask<{ events: LbEvent[] }>('GET', '/v1/events')).body.events.filter(({ type }) => type === 'notice');

/** Resolves when a stream of events, opened now, has told what matches. */
function streamed(socketPath: string, pattern: RegExp): { opened: Promise<unknown>; told: Promise<void> } {
  const asked = request({ socketPath, path: '/v1/stream?events=true&counters=false', agent: false }).end();
  const opened = once(asked, 'response');
  const told = new Promise<void>((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (pattern.test(text)) resolve();
      });
      response.once('close', () => reject(new Error(`the stream ended: ${text}`)));
    });
  });
  return { opened, told };
}

it('a control socket that was deleted is made again, and what streams through the old one goes on', async () => {
  const socket = folder.file('run/lb.sock');
  program = await ServeProgram.start(socket);
  const pid = await pidOf(program);
  const { opened, told } = streamed(socket, /made again/);
  await opened;
  unlinkSync(socket);
  expect(await program.said(/was gone: it is made again/)).toMatchObject({ code: 'LB_DAEMON_SOCKET' });
  await told;
  expect(lstatSync(socket).mode & 0o777).toBe(0o600);
  expect(await pidOf(program)).toBe(pid);
  expect(await noticesOf(program)).toMatchObject([{ code: 'LB_DAEMON_SOCKET', level: 'warn' }]);

  // Once more, with its folder.
  program.log.length = 0;
  rmSync(folder.file('run'), { recursive: true });
  await program.said(/was gone: it is made again/);
  expect(await pidOf(program)).toBe(pid);
  await program.stop();
  expect(existsSync(socket)).toBe(false);
});

it('what another program has put in its place is not touched, until it is gone', async () => {
  const socket = folder.file('taken.sock');
  program = await ServeProgram.start(socket);
  const pid = await pidOf(program);
  other = createServer((_, response) => response.end('{"pid": 1}'));
  await listenOnSocket(other, folder.file('other.sock'));
  renameSync(folder.file('other.sock'), socket);
  expect(await program.said(/commands do not reach this daemon/)).toMatchObject({ code: 'LB_DAEMON_SOCKET_LIVE' });
  expect(await pidOf(program)).toBe(1);
  await new Promise((resolve) => other!.close(resolve));
  await program.said(/made again/);
  expect(await pidOf(program)).toBe(pid);
});

it('a file in its place is not removed, and lb says that nobody answers', async () => {
  const socket = folder.file('file.sock');
  program = await ServeProgram.start(socket);
  renameSync(folder.write('precious', 'precious'), socket);
  expect(await program.said(/commands do not reach this daemon/)).toMatchObject({ code: 'LB_DAEMON_SOCKET' });
  expect(await runMain('show', 'lb', '--socket', socket)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('LB_CLIENT_NOT_THERE'),
  });
  expect(lstatSync(socket).isFile()).toBe(true);
});
