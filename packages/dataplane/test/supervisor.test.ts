import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parsePrefix } from '@lb/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import type { ImageSpec } from '../src/image/spec.js';
import { type MemoryQueueSetup, Supervisor, type SupervisorOptions } from '../src/worker/index.js';
import { type Bundle, bundle } from './bundle.testkit.js';
import { spec, vip } from './specs.testkit.js';

const FLOWS = 500;
const SERVERS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

let thread: Bundle;
let supervisor: Supervisor | undefined;
const compiler = new ImageCompiler();
let revision = 0;

beforeAll(async () => {
  thread = await bundle('worker/worker-thread.ts');
});
afterAll(() => thread.remove());
afterEach(async () => {
  await supervisor?.stop();
  supervisor = undefined;
});

function imageOf(image: ImageSpec) {
  return compiler.compile(image, { revision: ++revision });
}

function balancing(servers = SERVERS) {
  return imageOf(spec([vip('90.0.0.0/8', 'gre4', servers)]));
}

function traffic(rate: number, seed = 1): MemoryQueueSetup {
  const targets = [{ prefix: parsePrefix('90.0.0.0/8'), protocol: 17, port: 0 } as const];
  return { kind: 'memory', traffic: { targets, flows: FLOWS, packetSize: 64, seed }, rate };
}

function supervise(workers: SupervisorOptions['workers'], more: Partial<SupervisorOptions> = {}): Supervisor {
  supervisor = new Supervisor({ workers, flowTableLines: 1024, entry: thread.url, ...more });
  return supervisor;
}

/** Resolves when `condition` holds; the test's own time limit ends what never does. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

describe('workers on the memory queue', () => {
  it('count together, each on its own', async () => {
    const { group } = await started([traffic(50_000, 1), traffic(50_000, 2)]);
    await until(() => group.counters.every((counters) => counters.worker().forwarded > 2 * FLOWS));
    await until(() => group.flows(0) + group.flows(1) + group.flows(2) === 2 * FLOWS);
    await supervisor!.stop();
    const totals = group.worker();
    expect(totals.received).toBe(group.counters[0].worker().received + group.counters[1].worker().received);
    expect(totals).toMatchObject({ forwarded: totals.received, dropped: 0, punted: 0 });
    expect(group.reasons()).toEqual({});
    expect(group.vip(0)).toMatchObject({ first: 2 * FLOWS, existing: totals.received - 2 * FLOWS, untracked: 0 });
    const ass = [0, 1, 2].map((slot) => group.as(slot));
    expect(ass.reduce((sum, { packets }) => sum + packets, 0)).toBe(totals.received);
    for (const { state, busyMs, aliveMs } of group.load()) {
      expect(state).toBe('stopped');
      expect(busyMs).toBeGreaterThan(0);
      expect(aliveMs).toBeGreaterThan(busyMs);
    }
  });

  it.each(['terminate', 'throw'] as const)('a worker ended by %s is back, tables intact', async (how) => {
    const running = await started([traffic(50_000)]);
    const { group } = running;
    await until(() => group.worker().forwarded > 2 * FLOWS);
    const died = once(running, 'worker-died');
    const restarted = once(running, 'worker-restarted');
    const before = group.worker().received;
    running.kill(0, how);
    expect(await died).toEqual([0, how === 'throw' ? 'told to fail' : 'its thread was ended']);
    expect((await restarted)[0]).toBe(0);
    // Its generator begins again with the same flows: none may look new, and none may be gone.
    await until(() => group.worker().received > before + 2 * FLOWS);
    expect(group.vip(0)).toMatchObject({ first: FLOWS, untracked: 0 });
    await until(() => group.flows(0) + group.flows(1) + group.flows(2) === FLOWS);
    expect(group.load()).toMatchObject([{ state: 'running', starts: 2 }]);
  });

  it('a successor starts on the latest image, also on one published while there was no worker', async () => {
    const running = await started([traffic(50_000)]);
    running.kill(0);
    await once(running, 'worker-died');
    const image = balancing(SERVERS.slice(0, 1));
    running.publish(image);
    expect(running.acknowledged()).toBeLessThan(image.revision);
    await once(running, 'worker-restarted');
    expect(running.acknowledged()).toBe(image.revision);
  });

  it('a worker that does not move any more is replaced', async () => {
    // Says that it runs, and hangs.
    const entry = new URL(`data:text/javascript,
      import { parentPort, workerData } from 'node:worker_threads';
      Atomics.store(workerData.memory.status, 1, 2);
      parentPort.postMessage('ready');
      for (;;);`);
    const running = await started([traffic(1000)], { entry, stuckAfterMs: 100 });
    const restarted = once(running, 'worker-restarted');
    expect(await once(running, 'worker-died')).toEqual([0, 'it did not move any more']);
    expect((await restarted)[0]).toBe(0);
  });

  it('changes a hundred images in a row under load without losing a packet', async () => {
    const running = await started([traffic(100_000, 1), traffic(100_000, 2)]);
    const { group } = running;
    let last = 0;
    for (let i = 0; i < 100; i++) {
      const image = balancing(SERVERS.slice(0, 1 + (i % 3)));
      last = image.revision;
      running.publish(image);
      const seen = group.worker().received;
      await until(() => group.worker().received > seen);
    }
    await until(() => running.acknowledged() === last);
    await until(() => group.hasCountedSince(last));
    await running.stop();
    const totals = group.worker();
    expect(totals).toMatchObject({ forwarded: totals.received, dropped: 0, punted: 0 });
    // Flows stay where they are: none was balanced a second time.
    expect(group.vip(0)).toMatchObject({ first: 2 * FLOWS, untracked: 0 });
    expect(group.load().map(({ starts }) => starts)).toEqual([1, 1]);
  });

  it('reports why a worker could not start, and stops', async () => {
    const entry = new URL(`data:text/javascript,throw new Error('no such thing')`);
    await expect(supervise([traffic(1)], { entry }).start(balancing())).rejects.toMatchObject({
      code: 'LB_WORKER_START',
      message: 'worker 0: no such thing',
    });
    expect(() => new Supervisor({ workers: [], flowTableLines: 1024 })).toThrow('at least one');
  });

  it('uses less than 5 % of a core when nothing comes', async () => {
    await started([traffic(0), traffic(0)], { flowTableLines: 1 << 18 });
    // The least of several stretches: what else this process does (compiling, collecting) comes on top, and not in all.
    const share = Math.min(await processorShare(1000), await processorShare(1000), await processorShare(1000));
    console.log(`two idle workers on the memory queue: ${(share * 100).toFixed(2)} % of a core`);
    expect(share).toBeLessThan(0.05);
  });
});

async function started(workers: SupervisorOptions['workers'], more: Partial<SupervisorOptions> = {}) {
  const running = supervise(workers, more);
  await running.start(balancing());
  return running;
}

/** Processor time of this process over a stretch of time, as a share of it. */
async function processorShare(ms: number): Promise<number> {
  const from = performance.now();
  const before = process.cpuUsage();
  await delay(ms);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - from);
}
