import { afterAll, beforeAll, describe, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, type QueueKind, queueKinds } from '../support/daemon.js';
import { printRounds } from '../support/figures.js';
import { healthBecomes } from '../support/health.js';
import { HttpLoad } from '../support/http-load.js';
import { type LiveVips, liveVips } from '../support/live-vips.js';
import { Pings } from '../support/pings.js';
import { type Server, serverPorts, startNginx, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';

/**
 * How long traffic stands still when something happens: pings that a worker answers, fifty a second, and the longest time
 * without an answer; requests to a server, and the longest wait. And how soon a dead server is known, and what an idle
 * daemon uses.
 *
 *     npx vitest run --config e2e/vitest.bench.config.ts e2e/live/recovery
 */
const rounds = 10;
const idleSeconds = 4;
const check = { type: 'http', port: serverPorts.http, interval: 0.3, timeout: 0.3, rise: 2, fall: 2, jitter: 0.1 };
const type = vipTypes.find(({ name }) => name === 'ip4-gre4')!;

let topology: Topology;
let servers: Server[];
let vips: LiveVips;
beforeAll(async () => {
  topology = await Topology.create();
  servers = await startServers(topology.servers);
  await startBackends(topology.servers);
  vips = liveVips(type, topology.lb, topology.servers);
});
afterAll(() => topology.close());

describe.each(queueKinds)('%s', { timeout: 600_000 }, (kind) => {
  it.each([
    ['nothing happens', async () => {}],
    ['a worker is killed', killWorker],
  ] as const)('prints the longest silence when %s', async (what, happens) => {
    const figures = await eachWithDaemon(kind, async (daemon) => {
      const pings = await Pings.start(topology.client.ns, vips.single);
      await happens(daemon);
      return (await pings.finish()).longestSilenceMs;
    });
    printRounds(`longest silence, ${what}, ${kind}`, 'ms', figures);
  });

  it('prints the longest wait for an answer when a server has another MAC address', async () => {
    const figures = await eachWithDaemon(kind, async () => {
      const target = { host: vips.single, port: vips.http };
      const load = await HttpLoad.start(topology.client.ns, { ...target, connections: 20, intervalMs: 10 });
      await changeMac();
      return (await load.finish()).longestWaitMs;
    });
    printRounds(`longest wait for an answer, a server has another MAC address, ${kind}`, 'ms', figures);
  });

  it('prints how soon a killed server is known', async () => {
    const detected = await eachWithDaemon(kind, detection);
    printRounds(`a killed server is found, checks every ${check.interval} s, ${kind}`, 'ms', detected);
  });

  it('prints what an idle daemon uses', async () => {
    const used = await eachWithDaemon(kind, async (daemon) => {
      // It has just started, and still compiles what it runs.
      await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
      const before = daemon.processorSeconds();
      await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
      return ((daemon.processorSeconds() - before) / idleSeconds) * 100;
    });
    printRounds(`idle, ${kind}`, '% of a core', used);
  });
});

/** One figure of each round, with a daemon of its own: a worker or server that dies often is trusted later each time. */
async function eachWithDaemon(kind: QueueKind, measure: (daemon: Daemon) => Promise<number>): Promise<number[]> {
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
    try {
      figures.push(await measure(daemon));
    } finally {
      await daemon.stop();
    }
  }
  return figures;
}

/** Ends the only worker, and waits until it is back. */
async function killWorker(daemon: Daemon): Promise<void> {
  await daemon.command('debug', 'worker', '0', 'kill');
  await daemon.said(/worker 0 is back/);
}

async function changeMac(): Promise<void> {
  const server = topology.servers[0]!;
  const [link] = await server.ns.ipJson<{ address: string }>('link', 'show', 'eth0');
  await server.ns.ip(
    `link set eth0 address ${link!.address.endsWith('01') ? '02:00:00:00:02:aa' : '02:00:00:00:02:01'}`,
  );
}

/** From the death of a server to the moment that its health changed, ms. */
async function detection(daemon: Daemon): Promise<number> {
  const address = topology.servers[1]!.address[type.as];
  await daemon.ask('PATCH', `/v1/vips/${encodeURIComponent(vips.httpVip[0]!)}`, { check });
  await healthBecomes(daemon, { [address]: 'healthy' });
  const died = Date.now();
  await servers[1]!.nginx.stop('SIGKILL');
  const found = await healthBecomes(daemon, { [address]: 'failing' });
  const nginx = await startNginx(topology.servers[1]!.ns, [serverPorts.http, serverPorts.httpTarget]);
  servers[1] = { ...servers[1]!, nginx };
  return Date.parse(found.find((one) => one.address === address)!.since) - died;
}
