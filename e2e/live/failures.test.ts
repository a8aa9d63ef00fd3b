import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { url, whoAnswers } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { type LiveVips, liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { Recording } from '../support/recording.js';
import { serverPorts, startNginx, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

const families = [4, 6] as const;
/** Where the balancer's own host answers HTTP, as it would SSH. */
const hostPort = 2222;

describeNeeding(livePrograms, 'the host and its daemon', () => {
  let topology: Topology;
  let daemon: Daemon;
  let vips: LiveVips;
  const nat4 = vipTypes.find(({ name }) => name === 'ip4-nat4')!;
  beforeAll(async () => {
    topology = await Topology.create();
    await startServers(topology.servers);
    await startBackends(topology.servers);
    await startNginx(topology.lb.ns, [hostPort]);
    await topology.setGateway('lb');
    vips = liveVips(nat4, topology.lb, topology.servers);
  });
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    beforeEach(async () => {
      daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
    });
    afterEach(() => daemon.stop());

    /** Cores that the daemon uses over so many seconds: the time that is measured, not a wait for something. */
    async function load(seconds: number): Promise<number> {
      const before = daemon.processorSeconds();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return (daemon.processorSeconds() - before) / seconds;
    }

    it('uses less than a twentieth of a core when idle', async () => {
      await whoAnswers(topology.client.ns, url(vips.address));
      // A program that has just started still compiles what it runs; it has to come to rest.
      await until('the daemon rests', async () => (await load(4)) < 0.05);
    });

    it('leaves the host its own traffic', async () => {
      const { client, lb, router, servers } = topology;
      for (const family of families) {
        const host = lb.address[family];
        await lb.ns.must('ip', `-${family}`, 'neigh', 'flush', 'all');
        await router.ns.must('ip', `-${family}`, 'neigh', 'flush', 'all');
        await client.ns.must('ping', '-q', '-c', '2', '-i', '0.1', '-W', '2', host);
        await client.ns.must('ping', '-q', '-c', '2', '-i', '0.1', '-W', '2', '-s', '3000', host);
        expect(await whoAnswers(client.ns, url(host, '/', hostPort))).toBe('lb');
        // What a health check does: the server answers the host from the address and port that NAT translates.
        const server = url(servers[0]!.address[family], '/', serverPorts.httpTarget);
        expect(await whoAnswers(lb.ns, server)).toBe('s1');
      }
    });

    it('alone forwards what is for a VIP, also on a host that is a router', async () => {
      const { client, lb, router } = topology;
      await lb.ns.sysctl({ 'net.ipv4.ip_forward': 1 });
      try {
        // A second copy of a packet would come back from the router with a lower TTL, time and again.
        const seen = await Recording.start(router.ns, 'lan', `ip and dst ${vips.address}`);
        const load = await HttpLoad.start(client.ns, { host: vips.address, port: vips.http, connections: 20 });
        expect(await load.finish()).toMatchObject({ connections: 20, moved: 0, failures: none });
        const lifetimes = await seen.fields('ip', ['ip.ttl'], 20 * 4);
        expect(new Set(lifetimes.flat())).toEqual(new Set(['63']));
        await seen.stop();
      } finally {
        await lb.ns.sysctl({ 'net.ipv4.ip_forward': 0 });
      }
    });

    it('ends and starts without disturbing the host', async () => {
      const { client, lb } = topology;
      const load = await HttpLoad.start(client.ns, {
        host: lb.address[4],
        port: hostPort,
        connections: 5,
        intervalMs: 10,
      });
      expect(await daemon.stop()).toEqual({ status: 0, signal: null });
      expect(await xdpPrograms(topology)).toEqual([]);
      expect(await lb.ns.must('nft', 'list', 'tables')).toBe('');
      daemon = await Daemon.start(lb.ns, { kind, config: vips.config });
      expect(await load.finish()).toMatchObject({ moved: 0, failures: none });
    });

    it('killed with -9 leaves no XDP program, and the host is reachable', async () => {
      const { client, lb } = topology;
      const load = await HttpLoad.start(client.ns, {
        host: lb.address[4],
        port: hostPort,
        connections: 5,
        intervalMs: 10,
      });
      expect(await xdpPrograms(topology)).toEqual(kind === 'af_xdp' ? ['eth0'] : []);
      expect(await daemon.kill()).toEqual({ status: null, signal: 'SIGKILL' });
      await until('the XDP program is gone', async () => (await xdpPrograms(topology)).length === 0);
      await until('its rules are gone', async () => (await lb.ns.must('nft', 'list', 'tables')) === '');
      for (const family of families) {
        await client.ns.must('ping', '-q', '-c', '1', '-W', '2', lb.address[family]);
        expect(await whoAnswers(client.ns, url(lb.address[family], '/', hostPort))).toBe('lb');
      }
      expect(await load.finish()).toMatchObject({ moved: 0, failures: none });
      // The next one takes over where the killed one was.
      daemon = await Daemon.start(lb.ns, { kind, config: vips.config });
      expect(serverNames).toContain(await whoAnswers(client.ns, url(vips.address)));
    });
  });
});

/** The interfaces of the balancer that have an XDP program. */
async function xdpPrograms({ lb }: Topology): Promise<string[]> {
  const links = await lb.ns.ipJson<{ ifname: string; xdp?: object }>('-d', 'link', 'show');
  return links.flatMap(({ ifname, xdp }) => (xdp === undefined ? [] : [ifname]));
}
