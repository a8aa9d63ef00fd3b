import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { HttpLoad, type Incident } from '../support/http-load.js';
import { livePrograms } from '../support/live.js';
import { describeNeeding } from '../support/needs.js';
import type { Server } from '../support/servers.js';
import type { Topology } from '../support/topology.js';
import { type Done, explanations } from './blame.js';
import { holdings } from './holdings.js';
import { fromEnvironment } from './numbers.js';
import { type Operation, Operations } from './operations.js';
import { Random } from './random.js';
import { createSite, loadedVips, siteConfig } from './site.js';

/** For both kinds of queue together. */
const seconds = fromEnvironment('LB_SOAK_SECONDS', 60);
const seed = fromEnvironment('LB_SOAK_SEED', (Date.now() % 1_000_000_000) + 1);
/** Connections to each VIP. */
const CONNECTIONS = 40;
const LONGEST_PAUSE_MS = 300;

describeNeeding(livePrograms, `churn, seed ${seed}`, () => {
  let topology: Topology;
  let servers: Server[];
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    ({ topology, servers } = await createSite({ queues: 2 }));
  });
  afterEach(() => daemon?.stop());
  afterAll(() => topology.close());

  it.each(queueKinds)('through %s breaks no connection that no operation may break', async (kind) => {
    daemon = await Daemon.start(topology.lb.ns, { kind, config: siteConfig(topology), workers: 2 });
    const random = new Random(seed);
    const operations = new Operations({ topology, servers, daemon, random });
    await operations.checkAll();
    const before = holdings(daemon.pid);
    const loads = await Promise.all(
      loadedVips.map(async (vip) => {
        const target = { host: vip.address, port: 80, connections: CONNECTIONS, intervalMs: 50, timeoutMs: 15_000 };
        return { vip, load: await HttpLoad.start(topology.client.ns, target) };
      }),
    );

    const done: Done[] = [];
    const end = performance.now() + (seconds / queueKinds.length) * 1000;
    const carryOut = async ({ what, mayBreak, lastsMs = 0, sinceMs, run }: Operation) => {
      const fromMs = sinceMs ?? Date.now();
      try {
        await run();
      } catch (error) {
        throw new Error(`seed ${seed}: ${what} failed: ${(error as Error).message}\n${lines(done)}`, { cause: error });
      }
      done.push({ what, fromMs, toMs: Date.now() + lastsMs, ...(mayBreak && { mayBreak }) });
    };
    while (performance.now() < end) {
      await carryOut(operations.draw());
      await new Promise((resolve) => setTimeout(resolve, random.below(LONGEST_PAUSE_MS)));
    }

    const last = operations.last();
    if (last !== undefined) await carryOut(last);

    const incidents: { vip: string; incident: Incident }[] = [];
    let requests = 0;
    for (const { vip, load } of loads) {
      const report = await load.finish();
      requests += report.requests;
      incidents.push(...report.incidents.map((incident) => ({ vip: vip.name, incident })));
    }
    const unexplained = incidents.filter(({ vip, incident }) => explanations(vip, incident, done).length === 0);
    const kinds = { kind, seed, operations: done.length, requests, broken: incidents.length };
    process.stdout.write(`${JSON.stringify({ ...kinds, unexplained: unexplained.length })}\n`);
    if (unexplained.length > 0) {
      const text = unexplained.map(({ vip, incident }) => `${vip} ${JSON.stringify(incident)}`).join('\n');
      expect.fail(`seed ${seed}: ${unexplained.length} connections broke without a reason\n${text}\n${lines(done)}`);
    }
    expect(done.length).toBeGreaterThan(0);

    await operations.restore();
    const after = holdings(daemon.pid);
    for (const what of ['bpf', 'threads', 'networkNamespaces', 'sharedMemoryFiles'] as const) {
      expect(after[what], what).toBeLessThanOrEqual(before[what]);
    }
  });
});

function lines(done: readonly Done[]): string {
  return done
    .map(({ what, fromMs, toMs, mayBreak }) => `${fromMs}–${toMs} ${what} ${JSON.stringify(mayBreak ?? 'nothing')}`)
    .join('\n');
}
