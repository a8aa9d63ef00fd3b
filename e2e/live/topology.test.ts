import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askNames } from '../support/dns-flows.js';
import { upload, url } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { streamUdp } from '../support/iperf3.js';
import { balanceByRoutes, balanceByTranslation } from '../support/kernel-balancer.js';
import { namespaces, processesIn } from '../support/leftovers.js';
import { Namespace } from '../support/namespace.js';
import { describeNeeding } from '../support/needs.js';
import { Pings } from '../support/pings.js';
import { Recording } from '../support/recording.js';
import { sum } from '../support/replay.js';
import type { Running } from '../support/running.js';
import { serverPorts, startIperf3, startNginx, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipAddress } from '../support/vip-types.js';
import { loadWithWrk, noFailures } from '../support/wrk.js';

/**
 * The ground that the tests of live traffic stand on, shown with balancers of the kernel's own: what fails here is no fault of ours.
 */
/** Longer than a busy machine lets a program wait. */
const OUTAGE_MS = 2_000;
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

  it('measures how long a balancer is away', async () => {
    const { client, lb, router } = topology;
    const undisturbed = await Pings.start(client.ns, lb.address[4]);
    expect((await undisturbed.finish()).longestSilenceMs).toBeLessThan(OUTAGE_MS);
    const disturbed = await Pings.start(client.ns, lb.address[4]);
    await router.ns.ip('link set lb0 down');
    // The length of the outage, which is what is measured.
    await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
    await router.ns.ip('link set lb0 up');
    expect((await disturbed.finish()).longestSilenceMs).toBeGreaterThan(OUTAGE_MS);
  });

  it('gives the balancer an interface on each network, with as many queues as wanted', async () => {
    const { lb } = topology;
    const links = await lb.ns.ipJson<{ ifname: string; num_rx_queues: number; address: string }>('-d', 'link', 'show');
    const wanted = links
      .filter(({ ifname }) => ifname !== 'lo')
      .map((link) => [link.ifname, link.num_rx_queues, link.address]);
    expect(wanted).toEqual([
      ['eth0', 2, '02:00:00:00:02:64'],
      ['eth1', 2, '02:00:00:00:03:64'],
    ]);
  });
});

describeNeeding(['root', ...programs], 'the topology with routes for a balancer', () => {
  let topology: Topology;
  const nginxOf: Record<string, Running> = {};
  beforeAll(async () => {
    topology = await Topology.create();
    for (const { nginx, ns } of await startServers(topology.servers)) nginxOf[ns.title] = nginx;
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
      const dns = { host: vip, port: serverPorts.dns, flows: 80, questions: 3 };
      const { answers, moved, failures, servers } = await askNames(topology.client.ns, dns);
      expect({ answers, moved, failures }).toEqual({ answers: 240, moved: 0, failures: {} });
      expect(Object.keys(servers).sort()).toEqual(serverNames);
    });

    it('carries a thousand connections of wrk, none of which fails', async () => {
      const { requests, failures } = await loadWithWrk(topology.client.ns, url(vip), 1000, 1);
      expect(failures).toEqual(noFailures);
      expect(requests).toBeGreaterThan(0);
    });

    it('tells a sender of the path MTU, and shows that to the test', async () => {
      const { client, router, lb } = topology;
      await lb.ns.ip('link set eth0 mtu 1400');
      await router.ns.ip('link set lan mtu 1400');
      const seen = await Recording.start(client.ns, 'eth0');
      const sentBytes = 100_000;
      expect(await upload(client.ns, url(vip, '/upload'), sentBytes)).toBeGreaterThan(sentBytes);
      expect(await seen.tooBig(family)).toEqual([{ from: topology.routerFront[family], mtu: 1400 }]);
      await seen.stop();
      await router.ns.ip('link set lan mtu 1500');
      await lb.ns.ip('link set eth0 mtu 1500');
      await client.ns.must('ip', family === 4 ? '-4' : '-6', 'route', 'flush', 'cache');
    });

    it('notices a server that dies under load', async () => {
      const { client, servers } = topology;
      const load = await HttpLoad.start(client.ns, { host: vip, port: 80, connections: 40, intervalMs: 20 });
      const ofWrk = await loadWithWrk(client.ns, url(vip), 40, 1, async () => {
        await nginxOf.s4!.stop('SIGKILL');
      });
      const reports = [await load.finish(), ofWrk];
      nginxOf.s4 = await startNginx(servers[3]!.ns, [serverPorts.http]);
      for (const { failures } of reports) expect(sum(Object.values(failures))).toBeGreaterThan(0);
    });

    it('shows the balancer finished checksums and no frame above the MTU', async () => {
      const seen = await Recording.start(topology.lb.ns, 'eth0', 'tcp port 80');
      expect(await upload(topology.client.ns, url(vip, '/upload'), 200_000)).toBeGreaterThan(200_000);
      const frames = await seen.frames('tcp.flags.fin == 1');
      expect(frames.length).toBeGreaterThan(200_000 / 1500);
      expect(frames.flatMap(({ number, problems }) => problems.map((problem) => `${number}: ${problem}`))).toEqual([]);
      expect(Math.max(...frames.map(({ ip }) => ip[0]!.lengthBytes))).toBeLessThanOrEqual(1500);
    });
  });
});

describeNeeding(['root', ...programs], 'the topology with address translation for a balancer', () => {
  let topology: Topology;
  const closedPort = 9;
  beforeAll(async () => {
    topology = await Topology.create();
    await startServers(topology.servers);
    await balanceByTranslation(topology, { 80: serverPorts.httpTarget, 53: serverPorts.dns, [closedPort]: closedPort });
  });
  afterAll(() => topology.close());

  describe.each(families)('IPv%i', (family) => {
    const vip = vipAddress[family];

    it('translates TCP there and back', async () => {
      const load = await HttpLoad.start(topology.client.ns, { host: vip, port: 80, connections: 100 });
      const { moved, failures, servers, connections } = await load.finish();
      expect({ connections, moved, failures }).toEqual({ connections: 100, moved: 0, failures: {} });
      expect(Object.keys(servers).sort()).toEqual(serverNames);
    });

    it('translates UDP there and back', async () => {
      const answer = await topology.client.ns.must('dig', '+short', '+tries=1', `@${vip}`, 'name.test', 'TXT');
      expect(serverNames).toContain(JSON.parse(answer));
      const dns = { host: vip, port: 53, flows: 20, questions: 3 };
      const { answers, moved, failures, servers } = await askNames(topology.client.ns, dns);
      expect({ answers, moved, failures }).toEqual({ answers: 60, moved: 0, failures: {} });
      expect(Object.keys(servers).sort()).toEqual(serverNames);
    });

    it('shows a client the ICMP error of a server', async () => {
      const dns = { host: vip, port: closedPort, flows: 2, questions: 1 };
      const { failures } = await askNames(topology.client.ns, dns);
      expect(failures).toEqual({ ECONNREFUSED: 2 });
    });

    it('streams UDP without loss', async () => {
      const { client, servers } = topology;
      const iperf3 = await startIperf3(servers[0]!.ns, servers[0]!.address[family]);
      const target = { host: servers[0]!.address[family], port: serverPorts.iperf3 };
      expect(await streamUdp({ from: client.ns, to: servers[0]!.ns, ...target })).toBeGreaterThan(100);
      await iperf3.stop();
    });
  });
});

describeNeeding(['root', 'ip', 'ethtool'], 'a topology whose test was killed', () => {
  it('is removed, with its processes, by the next one', async () => {
    // The owner is a process id above any that the kernel gives.
    const orphan = 'lbt-4194305-1-0-orphan';
    const left = new Namespace(orphan, 'orphan', tmpdir());
    await left.create();
    const program = left.start('tail', '--follow', '/dev/null');
    await until('the program runs in its namespace', () => processesIn(orphan).includes(program.pid));

    (await Topology.create({ servers: [] })).close();
    expect((await program.ended).signal).toBe('SIGKILL');
    expect(namespaces().filter((name) => name === orphan)).toEqual([]);
  });

  it('takes its own processes and files with it', async () => {
    const topology = await Topology.create({ servers: ['lan'] });
    const program = topology.client.ns.start('tail', '--follow', '/dev/null');
    topology.close();
    expect((await program.ended).signal).toBe('SIGKILL');
    expect(namespaces().filter((name) => name.startsWith(`lbt-${process.pid}-`))).toEqual([]);
    expect(existsSync(topology.folder)).toBe(false);
  });
});
