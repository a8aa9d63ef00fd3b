import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LINE_WORDS } from '@lb/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { libraryPath } from '../src/native/index.js';
import { FlowFiles } from '../src/worker/index.js';
import { wordsOf } from '../src/worker/shared-words.js';
import { type Bundle, bundle } from './bundle.testkit.js';
import { describeLive } from './live-network.testkit.js';
import type { DaemonPlan, DaemonSays } from './restart-daemon.testkit.js';

const FLOWS = 100;
const LINES = 1024;
/** Each daemon is a process, and takes a second or more where others are at work. */
vi.setConfig({ testTimeout: 60_000 });
const POOL = Array.from({ length: 12 }, (_, k) => `10.0.0.${k + 1}`);

describeLive('a daemon after another', () => {
  let thread: Bundle;
  let program: Bundle;
  let parent: string;
  let dir: string;
  let children: ChildProcess[] = [];

  beforeAll(async () => {
    thread = await bundle('worker/worker-thread.ts');
    program = await bundle('../test/restart-daemon.testkit.ts');
  });
  afterAll(() => {
    thread.remove();
    program.remove();
  });
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'lb-restart-'));
    dir = join(parent, 'flows');
  });
  afterEach(async () => {
    for (const child of children) await killed(child);
    children = [];
    rmSync(parent, { recursive: true, force: true });
  });

  /** A daemon that says what it does. @param wrap a command to run it by */
  function daemon(more: Partial<DaemonPlan>, wrap: readonly string[] = []) {
    const plan: DaemonPlan = {
      dir,
      entry: thread.url.href,
      flowTableLines: LINES,
      servers: POOL.slice(0, 3),
      seeds: [1, 2],
      flows: FLOWS,
      pool: POOL,
      ...more,
    };
    const [command, ...args] = [...wrap, process.execPath, fileURLToPath(program.url), JSON.stringify(plan)];
    const child = spawn(command!, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, LBQ_LIBRARY: libraryPath() },
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const said = async (): Promise<DaemonSays> => JSON.parse((await lines.next()).value);
    /** All that it has said and nobody has listened to, when it has ended. */
    const rest = async (): Promise<string[]> => {
      const texts: string[] = [];
      for (let next = await lines.next(); !next.done; next = await lines.next()) texts.push(next.value);
      return texts;
    };
    return { child, said, rest, tell: (text: string) => child.stdin!.write(`${text}\n`) };
  }

  async function killed(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** Server of every live flow, by worker and identity, as the files tell. */
  function flows(workers = 2): Map<string, string> {
    const files = FlowFiles.open({ dir, workers, flowTableLines: LINES });
    try {
      const owners = new Map(files.saved!.ass.slots.map(([key, slot]) => [slot, key.split(' ')[3]!]));
      const servers = new Map<string, string>();
      for (let worker = 0; worker < workers; worker++) {
        const words = wordsOf(files.tables(worker).flows, libraryPath());
        for (let at = 0; at < words.length; at += at % LINE_WORDS === 3 ? LINE_WORDS - 3 : 1) {
          const value = words[at + 12];
          if (value !== 0) servers.set(`${worker} ${words[at]} ${words[at + 4]}`, owners.get(value - 1) ?? 'nobody');
        }
      }
      return servers;
    } finally {
      files.close();
    }
  }

  it('that was killed goes on with every flow on its AS, though ASs have come and gone', async () => {
    const first = daemon({});
    expect(await first.said()).toEqual({ event: 'opened', flows: 0, findings: [] });
    expect(await first.said()).toEqual({ event: 'served', first: 2 * FLOWS, untracked: 0, lingering: 0 });
    await killed(first.child);
    const before = flows();
    expect(before.size).toBe(2 * FLOWS);
    expect([...new Set(before.values())].sort()).toEqual(POOL.slice(0, 3));

    const second = daemon({ servers: ['10.0.0.9', '10.0.0.3', '10.0.0.8', '10.0.0.2'] });
    expect(await second.said()).toEqual({ event: 'opened', flows: 2 * FLOWS, findings: [] });
    // 10.0.0.1 serves its flows to their end.
    expect(await second.said()).toEqual({ event: 'served', first: 0, untracked: 0, lingering: 1 });
    await killed(second.child);
    expect(flows()).toEqual(before);
  });

  it('that ended in good order leaves the same', async () => {
    const first = daemon({});
    await first.said();
    await first.said();
    first.tell('stop');
    expect(await once(first.child, 'exit')).toEqual([0, null]);
    const second = daemon({});
    expect(await second.said()).toMatchObject({ flows: 2 * FLOWS, findings: [] });
    expect(await second.said()).toMatchObject({ first: 0 });
  });

  it('killed again and again while images change: no flow is ever given to another AS', async () => {
    let before = new Map<string, string>();
    for (let round = 0; round < 8; round++) {
      const servers = [round, round + 3, round + 7].map((k) => POOL[k % POOL.length]!);
      const seeds = [2 * round + 1, 2 * round + 2];
      const running = daemon({ servers, seeds });
      expect(await running.said()).toEqual({ event: 'opened', flows: before.size, findings: [] });
      expect(await running.said()).toMatchObject({ event: 'served', first: 2 * FLOWS, untracked: 0 });
      running.tell('churn');
      // Anywhere between two images: it does not wait for us.
      for (let images = 0; images < 5 + 7 * round; images++) expect((await running.said()).event).toBe('image');
      await killed(running.child);
      const after = flows();
      expect(after.size).toBe(before.size + 2 * FLOWS);
      for (const [flow, server] of after) expect(before.has(flow) ? [before.get(flow)] : servers).toContain(server);
      before = after;
    }
  });

  it('does not start on the files of one that runs', async () => {
    const first = daemon({});
    await first.said();
    expect(await daemon({}).said()).toEqual({ event: 'refused', code: 'LB_FLOWS_LOCKED' });
    expect(await first.said()).toMatchObject({ event: 'served' });
  });

  it('begins empty with another number of workers', async () => {
    const first = daemon({});
    await first.said();
    await first.said();
    await killed(first.child);
    const second = daemon({ seeds: [1] });
    expect(await second.said()).toEqual({ event: 'opened', flows: 0, findings: ['LB_FLOWS_INCOMPATIBLE'] });
    expect(await second.said()).toMatchObject({ first: FLOWS });
  });

  it('leaves nothing behind where there is no room for its files', async () => {
    // A file system of its own, which goes with the process.
    mkdirSync(dir);
    const script = 'mount -t tmpfs -o size=300k,mode=0700 none "$0" && "$@" && ls -A "$0"';
    const full = daemon({}, ['unshare', '--mount', 'sh', '-c', script, dir]);
    expect(await full.said()).toEqual({ event: 'refused', code: 'LB_NATIVE_LIMIT' });
    // Of what is in the folder.
    expect(await full.rest()).toEqual([]);
  });
});
