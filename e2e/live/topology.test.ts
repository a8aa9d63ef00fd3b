import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askNames } from '../support/dns-flows.js';
import { curl, url } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { balanceByRoutes, balanceByTranslation } from '../support/kernel-balancer.js';
import { describeNeeding } from '../support/needs.js';
import { Recording } from '../support/recording.js';
import { sum } from '../support/replay.js';
import { largePageBytes, serverPorts, startServer } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { vipAddress } from '../support/vip-types.js';
import { noFailures, startWrk, wrkReport } from '../support/wrk.js';

/**
 * The ground that the tests of live traffic stand on, shown with balancers of the kernel's own: what fails here is no fault of ours.
 */
const families = [4, 6] as const;
const programs = ['ip', 'ethtool', 'nginx', 'curl', 'dnsmasq', 'iperf3', 'wrk', 'nft', 'tcpdump', 'tshark'];
const serverNames = ['s1', 's2', 's3', 's4'];

describeNeeding(['root', ...programs], 'the topology', () => {
  let topology: Topology;
  beforeAll(async () => {
    topology = await Topology.create({ servers: ['lan', 'lan', 'lan2'], queues: 2 });
  });
  afterAll(() => topology.close());

  it('lets every machine reach every other by both families', async () => {
    const { client, router, lb, servers } = topology;
    await lb.ns.sysctl({ 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 });
    const machines = [client, router, lb, ...servers];
    const pairs = machines.flatMap((from) => machines.map((to) => [from, to] as const));
    const silent = await Promise.all(
      pairs.flatMap(([from, to]) =>
        families.map(async (family) => {
          const { status } = await from.ns.run('ping', '-q', '-c', '1', '-W', '2', to.address[family]);
          return status === 0 ? [] : [`${from.ns.title} > ${to.address[family]}`];
        }),
      ),
    );
    expect(silent.flat()).toEqual([]);
  });

  it('sends VIPs to the balancer, and to nobody else', async () => {
    const { client, lb } = topology;
    const seen = await Recording.start(lb.ns, 'eth0', 'icmp or icmp6');
    for (const family of families) {
      await client.ns.run('ping', '-q', '-c', '1', '-W', '0.1', vipAddress[family]);
    }
    const four = await seen.fields(`ip.dst == ${vipAddress[4]}`, ['ip.src']);
    const six = await seen.fields(`ipv6.dst == ${vipAddress[6]}`, ['ipv6.src']);
    expect([four, six]).toEqual([[[client.address[4]]], [[client.address[6]]]]);
  });

  it('gives the balancer an interface on each network, with as many queues as wanted', async () => {
    const { lb } = topology;
    const links = await lb.ns.ipJson<{ ifname: string; num_rx_queues: number; address: string }>('-d', 'link', 'show');
    const wanted = links.filter(({ ifname }) => ifname !== 'lo').map((link) => [link.ifname, link.num_rx_queues, link.address]);
    expect(wanted).toEqual([
      ['eth0', 2, '02:00:00:00:02:64'],
      ['eth1', 2, '02:00:00:00:03:64'],
    ]);
  });
});

describeNeeding(['root', ...programs], 'the topology with routes for a balancer', () => {
  let topology: Topology;
  beforeAll(async () => {
    topology = await Topology.create();
    await Promise.all(topology.servers.map(({ ns }) => startServer(ns)));
    await balanceByRoutes(topology);
  });
  afterAll(() => topology.close());

  describe.each(families)('IPv%i', (family) => {
    const vip = vipAddress[family];

    it('keeps each of many connections on one server, and uses all servers', async () => {
      const load = await HttpLoad.start(topology.client.ns, { host: vip, port: 80, connections: 200 });
      const { moved, failures, servers, connections } = await load.finish();
      expect({ connections, moved, failures }).toEqual({ connections: 200, moved: 0, failures: {} });
      expect(Object.keys(servers).sort()).toEqual(serverNames);
    });

    it('keeps each of many UDP flows on one server, and uses all servers', async () => {
      const dns = { host: vip, port: serverPorts.dns, flows: 40, questions: 3 };
      const { answers, moved, failures, servers } = await askNames(topology.client.ns, dns);
      expect({ answers, moved, failures }).toEqual({ answers: 120, moved: 0, failures: {} });
      expect(Object.keys(servers).sort()).toEqual(serverNames);
    });

    it('carries a thousand connections of wrk, none of which fails', async () => {
      const { requests, failures } = await wrkReport(startWrk(topology.client.ns, url(vip), 1000, 2));
      expect(failures).toEqual(noFailures);
      expect(requests).toBeGreaterThan(1000);
    });

    it('shows the balancer finished checksums and no frame above the MTU', async () => {
      const seen = await Recording.start(topology.lb.ns, 'eth0', 'tcp port 80');
      const upload = ['--data-binary', `@${process.execPath}`, '--range', '0-99999'];
      expect(upload).toHaveLength(4);
      expect((await curl(topology.client.ns, url(vip, '/large'))).length).toBe(largePageBytes);
      const frames = await seen.frames('tcp.flags.fin == 1');
      expect(frames.length).toBeGreaterThan(20);
      expect(frames.flatMap(({ number, problems }) => problems.map((problem) => `${number}: ${problem}`))).toEqual([]);
      expect(Math.max(...frames.map(({ ip }) => ip[0]!.lengthBytes))).toBeLessThanOrEqual(1500);
    });
  });
});
