import { cpus } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { Daemon, type QueueKind, queueKinds } from '../support/daemon.js';
import { balanceByTranslation } from '../support/kernel-balancer.js';
import { liveVips } from '../support/live-vips.js';
import { repositoryRoot } from '../support/paths.js';
import { serverPorts, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';

/**
 * What a question and its answer take when nothing else is under way: client, balancer (NAT), server, balancer, client. The
 * difference to the kernel's own translation in the same place is what the balancer adds, in two passes.
 *
 *     npx vitest run --config e2e/vitest.bench.config.ts
 */
const rounds = 3;
const count = 500;
const pauses = { idle: 4, busy: 0 } as const;
const type = vipTypes.find(({ name }) => name === 'ip4-nat4')!;

let ours: Topology;
let kernels: Topology;
beforeAll(async () => {
  ours = await Topology.create({ servers: ['lan'] });
  kernels = await Topology.create({ servers: ['lan'] });
  for (const topology of [ours, kernels]) await startServers(topology.servers);
  await ours.setGateway('lb');
  await balanceByTranslation(kernels, { 53: serverPorts.dns });
});
afterAll(() => {
  ours.close();
  kernels.close();
});

it('prints the round trips of one packet at a time', async () => {
  const samples = new Map<string, { us: number[]; p50s: number[]; lost: number }>();
  for (let round = 0; round < rounds; round++) {
    for (const balancer of ['kernel', ...queueKinds] as const) {
      const daemon = balancer === 'kernel' ? undefined : await startDaemon(balancer);
      for (const [load, pauseMs] of Object.entries(pauses)) {
        const { us, lost } = await roundTrips(daemon === undefined ? kernels : ours, pauseMs);
        const name = `round trip through ${balancer}, ${load}`;
        const sample = samples.get(name) ?? { us: [], p50s: [], lost: 0 };
        sample.p50s.push(percentile(us, 50));
        sample.us.push(...us);
        sample.lost += lost;
        samples.set(name, sample);
      }
      await daemon?.stop();
    }
  }
  const machine = `${cpus()[0]?.model}, ${cpus().length} cores`;
  for (const [name, { us, p50s, lost }] of samples) {
    const figures = { value: percentile(us, 50), p99: percentile(us, 99), n: us.length, lost };
    const spread = { min: Math.min(...p50s), max: Math.max(...p50s) };
    process.stdout.write(`${JSON.stringify({ name, unit: 'us', ...figures, ...spread, machine })}\n`);
  }
}, 600_000);

function startDaemon(kind: QueueKind): Promise<Daemon> {
  const { config } = liveVips(type, ours.lb, ours.servers);
  return Daemon.start(ours.lb.ns, { kind, config });
}

async function roundTrips({ client }: Topology, pauseMs: number): Promise<{ us: number[]; lost: number }> {
  const script = join(repositoryRoot, 'e2e/support/programs/round-trip.mjs');
  const options = { host: '90.1.2.1', port: 53, count, pauseMs };
  return JSON.parse(await client.ns.must(process.execPath, script, JSON.stringify(options)));
}

function percentile(values: readonly number[], wanted: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * wanted) / 100))]!);
}
