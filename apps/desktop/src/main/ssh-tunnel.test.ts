import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SshTunnel, type SshTunnelOptions } from './ssh-tunnel.js';

/** Against hanging, not a measurement: a busy machine is slow. */
const GUARD_MS = 30_000;

let folder: string;
let tunnel: SshTunnel | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lb-tunnel-'));
});
afterEach(async () => {
  await tunnel?.stop();
  rmSync(folder, { recursive: true });
});

const target = { user: 'root', host: 'lb1', port: undefined };

/** A tunnel by a program of the test in place of ssh; `socket` in its text is the path that it was asked for. */
function start(text: string, options: Partial<SshTunnelOptions> = {}) {
  const ssh = join(folder, 'ssh');
  const head = `#!${process.execPath}\nconst socket = process.argv[process.argv.indexOf('-L') + 1].split(':')[0];\n`;
  writeFileSync(ssh, `${head}${text}`, { mode: 0o755 });
  const localPath = join(folder, 'lb.sock');
  const told = { onReady: vi.fn<() => void>(), onLost: vi.fn<(reason: string, retryAt: number) => void>() };
  const paths = { destination: target, remotePath: '/run/lb.sock', localPath };
  tunnel = new SshTunnel({ ...paths, ...told, ssh, firstRetryMs: 10, ...options });
  tunnel.start();
  return told;
}

const FORWARDS = "require('node:net').createServer().listen(socket);\n";

it('is ready when the socket takes connections, and not before', async () => {
  const { onReady, onLost } = start(`setTimeout(() => { ${FORWARDS} }, 200);`);
  expect(onReady).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(onReady).toHaveBeenCalledOnce(), GUARD_MS);
  const { pid } = tunnel!;
  await tunnel!.stop();
  expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  expect(onLost).not.toHaveBeenCalled();
});

it('gives what ssh said as the reason, with what helps against it, and tries again', async () => {
  const { onReady, onLost } = start(
    "console.error('banner'); console.error('root@lb1: Permission denied (publickey).'); process.exitCode = 255;",
  );
  await vi.waitFor(() => expect(onLost.mock.calls.length).toBeGreaterThan(2), GUARD_MS);
  const [reason, retryAt] = onLost.mock.calls[0]!;
  expect(reason).toBe(
    'ssh to root@lb1: Permission denied (publickey); ssh root@lb1 has to work without a password: with a key or an agent',
  );
  expect(retryAt).toBeLessThanOrEqual(Date.now());
  expect(onReady).not.toHaveBeenCalled();
}, 15_000);

it('makes the tunnel again when ssh dies', async () => {
  const { onReady, onLost } = start(`require('node:fs').rmSync(socket, { force: true }); ${FORWARDS}`);
  await vi.waitFor(() => expect(onReady).toHaveBeenCalledOnce(), GUARD_MS);
  process.kill(tunnel!.pid!, 'SIGKILL');
  await vi.waitFor(() => expect(onReady).toHaveBeenCalledTimes(2), GUARD_MS);
  expect(onLost.mock.calls.map(([reason]) => reason)).toEqual(['ssh to root@lb1 ended (SIGKILL)']);
});

it('says that there is no ssh', async () => {
  const { onLost } = start('', { ssh: 'no-such-program-of-lb' });
  await vi.waitFor(() => expect(onLost).toHaveBeenCalled(), GUARD_MS);
  expect(onLost.mock.calls[0]![0]).toBe("there is no program 'no-such-program-of-lb' on this machine");
});

it('ends one that does not end by itself', async () => {
  const { onReady } = start(`process.on('SIGTERM', () => {}); ${FORWARDS}`);
  await vi.waitFor(() => expect(onReady).toHaveBeenCalledOnce(), GUARD_MS);
  const { pid } = tunnel!;
  await tunnel!.stop();
  expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
}, 10_000);
