import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { Flood, floodedVip, floodedVipConfig } from '../support/flood.js';
import { type CheckedAs, healthBecomes } from '../support/health.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { type LiveVips, liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import type { ReplayReport } from '../support/replay.js';
import { type Server, serverPorts, startNginx, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

const check = { type: 'http', interval: 0.5, timeout: 1, rise: 2, fall: 3, port: serverPorts.http };
/** Until it is told to end. */
const floodSeconds = 60;
/** Lines of the flow table: it is soon full. */
const buckets = 2048;

describeNeeding(livePrograms, 'more packets than the balancer can carry', () => {
  let topology: Topology;
  let servers: Server[];
  let daemon: Daemon;
  let vips: LiveVips;
  beforeAll(async () => {
    topology = await Topology.create();
    servers = await startServers(topology.servers);
    await startBackends(topology.servers);
    await Flood.prepare(topology);
  });
  afterEach(async () => {
    await daemon.stop();
    if (servers[2]!.nginx.ending === undefined) return;
    servers[2] = { ...servers[2]!, nginx: await startNginx(topology.servers[2]!.ns, nginxPorts) };
  });
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    const addresses = () => topology.servers.map(({ address }) => address[4]);
    beforeEach(async () => {
      const type = vipTypes.find(({ name }) => name === 'ip4-gre4')!;
      vips = liveVips(type, topology.lb, topology.servers);
      daemon = await Daemon.start(topology.lb.ns, {
        kind,
        config: [...vips.config, `lb conf buckets ${buckets}`, ...floodedVipConfig],
      });
      await Flood.arrive(topology);
      await daemon.ask('PATCH', `/v1/vips/${encodeURIComponent(vips.httpVip[0]!)}`, { check });
      await healthBecomes(daemon, Object.fromEntries(addresses().map((address) => [address, 'healthy'])));
    });

    it('health stays right, changes are made, and connections go on', async () => {
      const target = { host: vips.address, port: vips.http };
      const load = await HttpLoad.start(topology.client.ns, { ...target, connections: 40, timeoutMs: 55_000 });
      const before = await health(daemon);
      // Of a million flows by chance: they fill the flow table as well.
      const flood = await Flood.start(topology, { seconds: floodSeconds, flows: 1_000_000 });
      await until('the flow table is full', async () => (await untracked(daemon)) > 1000);

      // A change is made while it goes on, and so is what health checks find out.
      const [first, , third] = addresses();
      await daemon.exec(`lb as ${vips.httpVip.join(' ')} ${first} weight 0`);
      await servers[2]!.nginx.stop('SIGKILL');
      await healthBecomes(daemon, { [third!]: 'failing' });
      const { value: offered, returned, seconds } = await flood.stop();
      expect(offered * 1e6 * seconds, 'packets of the flood, those that were sent').toBeGreaterThan(returned);

      // Nobody who was well was taken for dead meanwhile.
      const after = await health(daemon);
      for (const address of addresses().filter((one) => one !== third)) {
        expect(after.get(address), address).toEqual(before.get(address));
      }
      const late = await (await HttpLoad.start(topology.client.ns, { ...target, connections: 40 })).finish();
      expect(late).toMatchObject({ connections: 40, moved: 0, failures: none });
      expect(Object.keys(late.servers).sort()).toEqual(['s2', 's4']);

      // Those that were there before are still there, but for those of the dead server.
      const { moved, incidents, servers: had } = await load.finish();
      expect(moved).toBe(0);
      expect(Object.keys(had).sort()).toEqual(serverNames);
      expect(incidents.filter(({ server }) => server !== 's3' && server !== '')).toEqual([]);
    });
  });
});

const nginxPorts = [serverPorts.http, serverPorts.httpTarget];

async function health(daemon: Daemon): Promise<Map<string, CheckedAs>> {
  const { checks } = await daemon.ask<{ checks: readonly CheckedAs[] }>('GET', '/v1/health');
  return new Map(checks.map(({ address, health, since }) => [address, { address, health, since }]));
}

/** Packets of the flood that found no room in the flow table. */
async function untracked(daemon: Daemon): Promise<number> {
  const vips = await daemon.show<ReplayReport['vips']>('lb', 'vip', 'verbose');
  return vips.find(({ prefix }) => prefix === floodedVip)!.counters.untracked;
}
