import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, expect, it } from 'vitest';
import { TestFolder } from '../cli.testkit.js';
import { listenOnSocket } from './control-socket.js';

const folder = new TestFolder();
afterAll(() => folder.remove());
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function server(): Server {
  const made = createServer((_, response) => response.end());
  servers.push(made);
  return made;
}

it('is for its owner only, and its folder is made', async () => {
  const path = folder.file('run/lb.sock');
  await listenOnSocket(server(), path);
  expect(lstatSync(path).isSocket()).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder.file('run')).mode & 0o777).toBe(0o700);
});

it('goes with the server', async () => {
  const path = folder.file('gone.sock');
  const made = createServer();
  await listenOnSocket(made, path);
  await new Promise((resolve) => made.close(resolve));
  expect(existsSync(path)).toBe(false);
});

it('replaces the socket of a daemon that was killed', async () => {
  const path = folder.file('stale.sock');
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`;
  const dead = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(dead.stdout!, 'data');
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  expect(existsSync(path)).toBe(true);
  await listenOnSocket(server(), path);
  expect(servers[0]!.listening).toBe(true);
});

it('refuses the socket of a daemon that lives, which goes on', async () => {
  const path = folder.file('live.sock');
  await listenOnSocket(server(), path);
  await expect(listenOnSocket(server(), path)).rejects.toMatchObject({
    code: 'LB_DAEMON_SOCKET_LIVE',
    message: `another daemon answers on ${path}`,
  });
  expect(existsSync(path)).toBe(true);
});

it('replaces nothing but a socket', async () => {
  const path = folder.write('file.sock', 'precious');
  await expect(listenOnSocket(server(), path)).rejects.toMatchObject({
    code: 'LB_DAEMON_SOCKET',
    message: `${path} is there already and is no socket`,
  });
});

it('says when the path is too long, or its folder cannot be', async () => {
  const long = folder.file('x'.repeat(100));
  await expect(listenOnSocket(server(), long)).rejects.toMatchObject({ code: 'LB_DAEMON_SOCKET' });
  const inFile = `${folder.write('plain', '')}/lb.sock`;
  await expect(listenOnSocket(server(), inFile)).rejects.toMatchObject({ code: 'LB_DAEMON_SOCKET' });
});
