import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, type DaemonOptions, type QueueKind, queueKinds } from '../support/daemon.js';
import { printRounds } from '../support/figures.js';
import { removeFlowTables } from '../support/flow-folder.js';
import { healthBecomes } from '../support/health.js';
import { link } from '../support/link.js';
import { liveVips } from '../support/live-vips.js';
import { type Outage, Probes } from '../support/probes.js';
import { serverPorts, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

/**
 * How soon packets reach a server again when the network has changed, or the daemon was killed: a hundred DNS questions a
 * second, from the change to the first answer, and how many had none.
 *
 *     npx vitest run --config e2e/vitest.bench.config.ts e2e/live/recovery-network
 */
const rounds = 10;
const downMs = 500;
const type = vipTypes.find(({ name }) => name === 'ip4-gre4')!;
/** Checks ask for next hops all the time, also while the link is down, when nobody answers. */
const check = { type: 'tcp', port: serverPorts.http, interval: 0.1, timeout: 0.3, rise: 1, fall: 100 };
/** An address that both servers have. */
const behind = '10.0.9.1';
const moved = { host: '90.9.9.9', port: 53 };

let topology: Topology;
let config: readonly string[];
let checkedVip: string;
let target: { host: string; port: number };
beforeAll(async () => {
  topology = await Topology.create({ servers: ['lan', 'lan'] });
  const { lb, servers } = topology;
  await startServers(servers);
  await startBackends(servers);
  for (const { ns } of servers) await ns.ip(`addr add ${behind}/32 dev lo`);
  await lb.ns.ip(`route add ${behind}/32 via ${servers[0]!.address[4]}`);
  const vips = liveVips(type, lb, servers);
  target = { host: vips.single, port: vips.dns };
  checkedVip = `${vips.single}/32`;
  const vip = `${moved.host}/32 protocol udp port ${moved.port}`;
  config = [
    ...vips.config,
    `lb vip ${vip} target_port ${serverPorts.dns} encap nat4`,
    `lb as ${vip} ${behind}`,
    'lb set interface nat4 in eth0',
  ];
});
afterAll(() => topology.close());

describe.each(queueKinds)('%s', { timeout: 600_000 }, (kind) => {
  it.each([
    ['the cable is back', flapCarrier],
    ['the interface is switched on again', flapInterface],
    ['the interface is made again', remakeInterface],
  ] as const)('prints the outage when %s', async (what, happens) => {
    const outages = await eachRound(kind, async (daemon) => {
      const probes = await Probes.start(topology.client.ns, target);
      await until('the worker sends by itself', async () => (await daemon.sentPackets()) > 0);
      return probes.finish(await happens(daemon));
    });
    print(what, kind, outages);
  });

  it('prints the outage when a route leads elsewhere', async () => {
    const { client, lb, servers } = topology;
    await topology.setGateway('lb');
    const outages = await eachRound(kind, async () => {
      await lb.ns.ip(`route replace ${behind}/32 via ${servers[0]!.address[4]}`);
      const probes = await Probes.start(client.ns, moved);
      await probes.finish(Date.now(), 's1');
      const changed = await Probes.start(client.ns, moved);
      const since = Date.now();
      await lb.ns.ip(`route replace ${behind}/32 via ${servers[1]!.address[4]}`);
      return changed.finish(since, 's2');
    });
    await topology.setGateway('router');
    // The first server answers until the change is followed: nothing is lost.
    printRounds(`until the new way is taken, a route leads elsewhere, ${kind}`, 'ms', outages.map(answeredAfter));
  });

  it('prints how soon the kernel has everything after kill -9, and the outage until the next daemon serves', async () => {
    const { lb, client } = topology;
    const state = join(mkdtempSync(join(lb.ns.folder, 'state-')), 'lb');
    const released: number[] = [];
    const outages: Outage[] = [];
    const sinceRestart: number[] = [];
    let daemon = await start(kind, { state });
    for (let round = 0; round < rounds; round++) {
      const probes = await Probes.start(client.ns, target);
      const killed = Date.now();
      await daemon.kill();
      await until('the kernel has everything', isReleased);
      released.push(Date.now() - killed);
      const restarted = Date.now();
      daemon = await start(kind, { state });
      const outage = await probes.finish(killed);
      outages.push(outage);
      sinceRestart.push(outage.answeredAfterMs - (restarted - killed));
    }
    await daemon.stop();
    removeFlowTables(state);
    printRounds(`until rules and programs are gone, kill -9, ${kind}`, 'ms', released);
    printRounds(`until an answer, from the start of the next daemon, ${kind}`, 'ms', sinceRestart);
    print('killed and started again', kind, outages);
  });
});

function start(kind: QueueKind, options: Partial<DaemonOptions> = {}): Promise<Daemon> {
  return Daemon.start(topology.lb.ns, { kind, config, ...options });
}

async function eachRound(kind: QueueKind, measure: (daemon: Daemon) => Promise<Outage>): Promise<Outage[]> {
  const outages: Outage[] = [];
  for (let round = 0; round < rounds; round++) {
    const daemon = await start(kind);
    try {
      await daemon.ask('PATCH', `/v1/vips/${encodeURIComponent(checkedVip)}`, { check });
      await healthBecomes(daemon, { [topology.servers[0]!.address[4]]: 'healthy' });
      outages.push(await measure(daemon));
    } finally {
      await daemon.stop();
    }
  }
  return outages;
}

/** The other end of the cable is off for a while; says when it was switched on. */
async function flapCarrier(): Promise<number> {
  const { router } = topology;
  await router.ns.ip('link set lb0 down');
  await new Promise((resolve) => setTimeout(resolve, downMs));
  await router.ns.ip('link set lb0 up');
  return Date.now();
}

async function flapInterface(): Promise<number> {
  const { lb } = topology;
  await lb.ns.ip('link set eth0 down');
  await new Promise((resolve) => setTimeout(resolve, downMs));
  await lb.ns.ip('link set eth0 up', ...addressesAndRoutes().filter((line) => !line.includes(`${lb.address[4]}/`)));
  return Date.now();
}

async function remakeInterface(daemon: Daemon): Promise<number> {
  const { lb, router } = topology;
  await lb.ns.ip('link del eth0');
  await daemon.said(/eth0 is gone/);
  await link({ ns: lb.ns, name: 'eth0', mac: '02:00:00:00:02:64' }, { ns: router.ns, name: 'lb0' });
  await router.ns.ip('link set lb0 master lan');
  await lb.ns.ip(...addressesAndRoutes());
  return Date.now();
}

/** What an interface loses with its link. */
function addressesAndRoutes(): string[] {
  const { lb, router, servers } = topology;
  return [
    `addr add ${lb.address[4]}/24 dev eth0`,
    `addr add ${lb.address[6]}/64 dev eth0 nodad`,
    `route add default via ${router.address[4]}`,
    `route add default via ${router.address[6]}`,
    `route add ${behind}/32 via ${servers[0]!.address[4]}`,
  ];
}

/** Whether neither a program nor rules keep packets from the kernel. */
async function isReleased(): Promise<boolean> {
  const { ns } = topology.lb;
  const [eth0] = await ns.ipJson<{ xdp?: object }>('link', 'show', 'eth0');
  return eth0?.xdp === undefined && !(await ns.must('nft', 'list', 'tables')).includes('lb_serve_');
}

function answeredAfter({ answeredAfterMs }: Outage): number {
  return answeredAfterMs;
}

function print(what: string, kind: QueueKind, outages: readonly Outage[]): void {
  printRounds(`until an answer, ${what}, ${kind}`, 'ms', outages.map(answeredAfter));
  printRounds(
    `questions without an answer, ${what}, ${kind}`,
    '10 ms',
    outages.map(({ lost }) => lost),
  );
}
