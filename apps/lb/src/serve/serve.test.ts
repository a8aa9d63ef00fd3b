import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadExecFile } from '@lb/control/load-file';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { builtProgram, runMain, TestFolder } from '../cli.testkit.js';

const folder = new TestFolder();
afterAll(() => folder.remove());
let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

const READY = /^lb serve: ready: /;
const ENDED = /^lb serve: ended after 00:00:\d\d: ([\d,]+) packets, ([\d,]+) forwarded, 0 punted, 0 dropped$/;

/** Starts the built program and calls `onLine` for each line of its output. */
async function runServe(argv: readonly string[], onLine: (line: string, program: ChildProcess) => void = () => {}) {
  const program = spawn(process.execPath, [builtProgram(), 'serve', ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The same on every machine, whether the native library is built there or not.
    env: { ...process.env, LB_SOCKET: folder.file('lb.sock'), LBQ_LIBRARY: folder.file('liblbqueue.so') },
  });
  child = program;
  const lines: string[] = [];
  const errors: Buffer[] = [];
  program.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  createInterface({ input: program.stdout }).on('line', (line) => {
    lines.push(line);
    onLine(line, program);
  });
  const [status, signal] = await once(program, 'close');
  return { status, signal, lines, stderr: Buffer.concat(errors).toString() };
}

describe('serve without a terminal', () => {
  it('runs the sample, says when it is ready, and ends by itself', async () => {
    const { status, lines, stderr } = await runServe(['--duration', '1.5', '--rate', '50000']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(lines[0]).toBe(
      'lb serve: ready: sample configuration, 5 VIPs, 16 ASs, 1 worker, generated traffic of 50.0 k packets/s, TypeScript stages',
    );
    expect(lines[1]).toMatch(
      /^00:00:01 {2}[\d.]+ k packets\/s {2}[\d.]+ k forwarded\/s {2}[\d,]+ flows {2}0 untracked/,
    );
    const [, packets, forwarded] = ENDED.exec(lines.at(-1)!)!;
    expect(forwarded).toBe(packets);
    expect(Number(packets!.replaceAll(',', ''))).toBeGreaterThan(10_000);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends cleanly on %s', async (signal) => {
    const { status, lines, stderr } = await runServe(['--workers', '2'], (line, program) => {
      if (READY.test(line)) program.kill(signal);
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(lines.at(-1)).toMatch(/^lb serve: ended after /);
  });

  it('generates traffic for a configuration of one’s own', async () => {
    const own = folder.write(
      'own.lb',
      'lb conf ip4-src-address 192.0.2.1',
      'lb vip 90.0.0.0/8',
      'lb as 90.0.0.0/8 10.0.0.1',
    );
    const { status, lines } = await runServe(['--exec', own, '--duration', '0.5', '--flows', '7']);
    expect(status).toBe(0);
    expect(lines[0]).toBe(
      `lb serve: ready: ${own}, 1 VIP, 1 AS, 1 worker, generated traffic of 200 k packets/s, TypeScript stages`,
    );
    expect(lines.at(-1)).toMatch(ENDED);
  });
});

describe('serve refuses', () => {
  it.each([
    [['--listen', 'x'], "'x' is not an address to listen on; as in 127.0.0.1:8080 or [::1]:8080 (LB_API_LISTEN)"],
    [['--listen', '0.0.0.0:0'], 'would serve the API beyond this machine without TLS'],
    [['--tls-cert', 'x'], '--tls-cert and --tls-key belong together (LB_CLI_USAGE)'],
    [['--watch'], '--watch needs one file to watch: that of --config or that of --exec (LB_CLI_USAGE)'],
  ])('%j', async (words, reason) => {
    const { status, stderr } = await runMain('serve', ...words, '--socket', folder.file('refused.sock'));
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
  });

  it('a configuration without VIPs', async () => {
    const empty = folder.write('empty.lb', '# nothing');
    expect(await runMain('serve', '--exec', empty)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'lb serve: the configuration has no VIP to generate traffic for (LB_CLI_NO_TRAFFIC)\n',
    });
  });
});

it('the sample has a VIP of each encapsulation and nothing that deserves a warning', async () => {
  const sample = fileURLToPath(new URL('../../sample/sample.lb', import.meta.url));
  const { config, warnings } = await loadExecFile(sample);
  expect(warnings).toEqual([]);
  expect(config.vips.map(({ encap }) => encap)).toEqual(['gre4', 'gre6', 'l3dsr', 'nat4', 'nat6']);
});
