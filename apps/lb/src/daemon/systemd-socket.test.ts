import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { LbClient } from '@lb/control/client';
import { afterAll, describe, expect, it } from 'vitest';
import { builtProgram, TestFolder } from '../cli.testkit.js';
import { socketFromSystemd } from './systemd-socket.js';

const folder = new TestFolder();
let program: ChildProcess | undefined;
afterAll(() => {
  program?.kill('SIGKILL');
  folder.remove();
});

describe('a socket of the service manager', () => {
  it('is the one descriptor for this process', () => {
    expect(socketFromSystemd({ LISTEN_PID: '7', LISTEN_FDS: '1' }, 7)).toBe(3);
    expect(socketFromSystemd({ LISTEN_PID: '8', LISTEN_FDS: '1' }, 7)).toBeUndefined();
    expect(socketFromSystemd({}, 7)).toBeUndefined();
    expect(() => socketFromSystemd({ LISTEN_PID: '7', LISTEN_FDS: '2' }, 7)).toThrow(/handed over 2 sockets/);
  });

  const there = hasProgram('systemd-socket-activate');
  it.skipIf(!there)(
    `serves the API${there ? '' : ' (no systemd-socket-activate)'}`,
    async () => {
      const socket = folder.file('handed.sock');
      const words = [process.execPath, builtProgram(), 'serve', '--rate', '1000', '--plain'];
      program = spawn('systemd-socket-activate', ['--listen', socket, ...words], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      program.stderr!.resume();
      const ended = once(program, 'close');
      while (!existsSync(socket)) await new Promise((resolve) => setImmediate(resolve));
      // The first connection starts the daemon, and waits for it.
      const client = new LbClient({ socketPath: socket });
      expect(await client.status()).toMatchObject({ mode: 'embedded', pid: program.pid });
      program.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    },
    20_000,
  );
});

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
