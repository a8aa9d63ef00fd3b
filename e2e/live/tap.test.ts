import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon } from '../support/daemon.js';
import { url } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { startServers } from '../support/servers.js';
import { Topology, vipPrefixes } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';
import { loadWithWrk, noFailures } from '../support/wrk.js';

/** Routes of the host that lead the VIPs into the interface, and the answers of NAT's servers. */
const routes = [
  'link set lb0 arp off up',
  `route add ${vipPrefixes[4]} dev lb0`,
  `route add ${vipPrefixes[6]} dev lb0`,
  'route add 198.51.100.0/24 dev lb0 table 100',
  'route add 2001:db8:1::/64 dev lb0 table 100',
];

describeNeeding(livePrograms, 'an interface made by the daemon, into which the host routes', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    topology = await Topology.create();
    await topology.lb.ns.sysctl({ 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 });
    await topology.lb.ns.ip('rule add iif eth0 from 10.0.0.0/24 to 198.51.100.0/24 lookup 100');
    const rule6 = 'rule add iif eth0 from 2001::/64 to 2001:db8:1::/64 lookup 100';
    await topology.lb.ns.must('ip', '-6', ...rule6.split(' '));
    await startServers(topology.servers);
    await startBackends(topology.servers);
  });
  afterEach(async () => {
    await daemon?.kill();
    daemon = undefined;
  });
  afterAll(() => topology.close());

  describe.each([
    { workers: 1, names: ['ip4-gre4', 'ip6-gre6', 'ip4-l3dsr'] },
    { workers: 2, names: ['ip6-gre4', 'ip4-nat4', 'ip6-nat6'] },
  ])('with $workers workers', ({ workers, names }) => {
    const types = vipTypes.filter(({ name }) => names.includes(name));
    it.each(types)('$name: carries connections to all servers and back', async (type) => {
      const vips = liveVips(type, topology.lb, topology.servers, ['lb0']);
      await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
      daemon = await Daemon.start(topology.lb.ns, { kind: 'tap', config: vips.config, interfaces: ['lb0'], workers });
      await topology.lb.ns.ip(...routes);
      const target = { host: vips.address, port: vips.http };
      const load = await HttpLoad.start(topology.client.ns, { ...target, connections: 100, intervalMs: 100 });
      const { failures } = await loadWithWrk(topology.client.ns, url(vips.address), 50, 1);
      expect(failures).toEqual(noFailures);
      const { servers, ...report } = await load.finish();
      expect(report).toMatchObject({ connections: 100, moved: 0, failures: none });
      expect(Object.keys(servers).sort()).toEqual(serverNames);
      for (const packets of await daemon.packetsPerWorker()) expect(packets).toBeGreaterThan(50);
      expect(await daemon.lost()).toEqual({ dropped: {}, unsent: 0 });
      expect(await daemon.stop()).toEqual({ status: 0, signal: null });
    });
  });

  it('may be there already, and keeps its routes when the daemon is started again', async () => {
    const { lb, client, servers } = topology;
    const type = vipTypes.find(({ name }) => name === 'ip4-gre4')!;
    const vips = liveVips(type, lb, servers);
    await topology.setGateway('router');
    await lb.ns.ip('tuntap add dev lb0 mode tap', ...routes);
    for (let start = 0; start < 2; start++) {
      daemon = await Daemon.start(lb.ns, { kind: 'tap', config: vips.config, interfaces: ['lb0'] });
      const load = await HttpLoad.start(client.ns, { host: vips.address, port: vips.http, connections: 20 });
      expect(await load.finish()).toMatchObject({ connections: 20, moved: 0, failures: none });
      await daemon.stop();
    }
  });
});
