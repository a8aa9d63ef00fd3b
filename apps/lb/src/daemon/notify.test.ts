import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { TestFolder } from '../cli.testkit.js';
import { serviceNotifier } from './notify.js';

const folder = new TestFolder();
afterAll(() => folder.remove());

/** Node.js has no datagram Unix sockets: a service manager in a few lines of Python, which says what it is told. */
const MANAGER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('listens', flush=True)
while True:
    for line in s.recv(65536).decode().split('\\n'):
        if line: print(line, flush=True)
`;
const here =
  spawnSync('systemd-notify', ['--version']).status === 0 && spawnSync('python3', ['--version']).status === 0;

it('says nothing where there is no service manager', async () => {
  const problems: string[] = [];
  const notifier = serviceNotifier({}, (text) => problems.push(text));
  await notifier.ready('ready');
  await notifier.stopping();
  expect(problems).toEqual([]);
});

describe.skipIf(!here)(`a service manager${here ? '' : ' (skipped: no systemd-notify or no python3 here)'}`, () => {
  it('hears that the daemon is ready, alive, and ending', async () => {
    const path = folder.file('notify.sock');
    const manager = spawn('python3', ['-c', MANAGER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const heard: string[] = [];
    let tell: () => void = () => {};
    createInterface({ input: manager.stdout! }).on('line', (line) => {
      heard.push(line);
      tell();
    });
    const hears = (text: string) =>
      new Promise<void>((resolve) => {
        tell = () => heard.includes(text) && resolve();
        tell();
      });
    try {
      await hears('listens');
      const env = { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' };
      const notifier = serviceNotifier(env, (text) => heard.push(text));
      await notifier.ready('all is well');
      await hears('READY=1');
      await hears('STATUS=all is well');
      await hears('WATCHDOG=1');
      await notifier.stopping();
      await hears('STOPPING=1');
    } finally {
      manager.kill();
      await once(manager, 'exit');
    }
  });

  it('tells when it cannot be reached', async () => {
    const problems: string[] = [];
    const env = { ...process.env, NOTIFY_SOCKET: folder.file('nobody') };
    await serviceNotifier(env, (text) => problems.push(text)).stopping();
    expect(problems).toEqual([expect.stringMatching(/^systemd-notify: /)]);
  });
});
