import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { onNode } from './daemon-process.js';
import { EmbeddedDaemon } from './embedded.js';

/** Against hanging, not a measurement: a busy machine is slow. */
const GUARD_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'lb-embedded-'));
let daemon: EmbeddedDaemon | undefined;
afterEach(() => daemon?.stop());
afterAll(() => rmSync(folder, { recursive: true }));

/** A daemon whose program is the given script. */
function start(script: string) {
  const program = join(folder, 'program.cjs');
  writeFileSync(program, script);
  const onReady = vi.fn();
  const onLost = vi.fn();
  const places = { socketPath: join(folder, 'lb.sock'), stateDir: join(folder, 'state') };
  daemon = new EmbeddedDaemon({ launch: onNode(process.execPath, program), ...places, onReady, onLost });
  daemon.start();
  return { daemon, onReady, onLost };
}

it('says when the daemon is ready, starts it again when it dies, and ends it', async () => {
  const { daemon, onReady, onLost } = start(
    "console.error('about to fail'); console.log('lb serve: ready: x'); setInterval(() => {}, 1000);",
  );
  await vi.waitFor(() => expect(onReady).toHaveBeenCalledTimes(1), GUARD_MS);
  const first = daemon.pid!;
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(onReady).toHaveBeenCalledTimes(2), GUARD_MS);
  expect(onLost).toHaveBeenCalledExactlyOnceWith('about to fail');
  const second = daemon.pid!;
  expect(second).not.toBe(first);
  await daemon.stop();
  expect(() => process.kill(second, 0)).toThrow(/ESRCH/);
  expect(onLost).toHaveBeenCalledTimes(1);
});

it('gives the reason of a program that cannot run', async () => {
  const { onLost } = start('process.exitCode = 3;');
  await vi.waitFor(() => expect(onLost).toHaveBeenCalledWith('the built-in daemon ended (status 3)'), GUARD_MS);
});
