import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { url, whoAnswers } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { expectEvenShares, livePrograms, none } from '../support/live.js';
import { liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { Probes } from '../support/probes.js';
import { Recording } from '../support/recording.js';
import { serverPorts, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

describeNeeding(livePrograms, 'next hops', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  async function end(): Promise<void> {
    await daemon?.stop();
    topology.close();
  }

  /** The other end of the balancer's cable goes off, and on again. */
  async function pullCable(): Promise<void> {
    const { lb, router } = topology;
    const carrier = async (up: boolean) => {
      const [link] = await lb.ns.ipJson<{ flags: string[] }>('link', 'show', 'eth0');
      return link!.flags.includes('NO-CARRIER') !== up;
    };
    await router.ns.ip('link set lb0 down');
    await until('the carrier is gone', () => carrier(false));
    await router.ns.ip('link set lb0 up');
    await until('the carrier is back', () => carrier(true));
  }

  describe.each(queueKinds)('through %s', (kind) => {
    describe('on one network', () => {
      beforeEach(async () => {
        topology = await Topology.create({ servers: ['lan', 'lan'] });
        await startServers(topology.servers);
      });
      afterEach(end);

      it.each(vipTypes.filter(({ name }) => ['ip4-gre4', 'ip6-gre6'].includes(name)))(
        '$name: a server that changes its MAC address is followed',
        async (type) => {
          const { client, lb, servers } = topology;
          await startBackends(servers);
          const vips = liveVips(type, lb, servers);
          daemon = await Daemon.start(lb.ns, { kind, config: vips.config });
          const load = await HttpLoad.start(client.ns, { host: vips.single, port: vips.http, connections: 20 });
          await servers[0]!.ns.ip('link set eth0 address 02:00:00:00:02:aa');
          expect(await whoAnswers(client.ns, url(vips.single))).toBe('s1');
          expect(await load.finish()).toMatchObject({ moved: 0, failures: none });
        },
      );

      it('a route to a server that changes is followed', async () => {
        const { client, lb, servers } = topology;
        const behind = '10.0.9.1';
        for (const { ns } of servers) await ns.ip(`addr add ${behind}/32 dev lo`);
        await topology.setGateway('lb');
        await lb.ns.ip(`route add ${behind}/32 via ${servers[0]!.address[4]}`);
        const vip = '90.9.9.9/32 protocol udp port 53';
        const config = [
          `lb vip ${vip} target_port ${serverPorts.dns} encap nat4`,
          `lb as ${vip} ${behind}`,
          'lb set interface nat4 in eth0',
        ];
        daemon = await Daemon.start(lb.ns, { kind, config });
        const dig = ['dig', '+short', '+tries=3', '+timeout=5', '@90.9.9.9', 'name.test', 'TXT'];
        expect(JSON.parse(await client.ns.must(...dig))).toBe('s1');
        await lb.ns.ip(`route replace ${behind}/32 via ${servers[1]!.address[4]}`);
        const answeredBySecond = async () => JSON.parse(await client.ns.must(...dig)) === 's2';
        await until('the other server answers', answeredBySecond);
      });
    });

    describe('that come and go', () => {
      beforeEach(async () => {
        topology = await Topology.create({ servers: ['lan', 'lan'] });
        await startServers(topology.servers);
        await topology.setGateway('lb');
      });
      afterEach(end);
      const vip = '90.9.9.9/32 protocol tcp port 80';
      const options = `target_port ${serverPorts.httpTarget} encap nat4 new_len 256`;
      const config = [`lb vip ${vip} ${options}`, 'lb set interface nat4 in eth0'];

      it('a server that was not there is used soon after it appears, and nothing was sent to a guessed address', async () => {
        const { client, lb, servers, router } = topology;
        const late = '10.0.0.99';
        daemon = await Daemon.start(lb.ns, { kind, config: [...config, `lb as ${vip} ${late}`] });
        const seen = await Recording.start(router.ns, 'lan', `ip and dst ${late}`);
        const tried = await client.ns.run('curl', '--silent', '--max-time', '1', url('90.9.9.9'));
        expect(tried.status).toBe(28);
        await servers[1]!.ns.ip(`addr add ${late}/24 dev eth0`);
        await until('the late server answers', async () => (await whoAnswers(client.ns, url('90.9.9.9'))) === 's2');
        const targets = await seen.fields('ip', ['eth.dst']);
        expect(new Set(targets.flat())).toEqual(new Set(['02:00:00:00:02:02']));
        await seen.stop();
      });

      it('a cable that is pulled and plugged in again costs no connection', async () => {
        const { client, lb, servers } = topology;
        const addresses = servers.map(({ address }) => address[4]).join(' ');
        daemon = await Daemon.start(lb.ns, { kind, config: [...config, `lb as ${vip} ${addresses}`] });
        const load = await HttpLoad.start(client.ns, {
          host: '90.9.9.9',
          port: 80,
          connections: 50,
          timeoutMs: 10_000,
        });
        await pullCable();
        expect(await load.finish()).toMatchObject({ connections: 50, moved: 0, failures: none });
        expect(['s1', 's2']).toContain(await whoAnswers(client.ns, url('90.9.9.9')));
      });
    });

    it('a server that is asked for in vain when the cable is back has its packets meanwhile', async () => {
      topology = await Topology.create({ servers: ['lan'] });
      try {
        const { client, lb, servers } = topology;
        await startServers(servers);
        await startBackends(servers);
        const vips = liveVips(vipTypes.find(({ name }) => name === 'ip4-gre4')!, lb, servers);
        daemon = await Daemon.start(lb.ns, { kind, config: vips.config });
        const probes = await Probes.start(client.ns, { host: vips.single, port: vips.dns });
        await until('the worker sends by itself', async () => (await daemon!.sentPackets()) > 0);
        await servers[0]!.ns.sysctl({ 'net.ipv4.conf.eth0.arp_ignore': 8 });
        await lb.ns.sysctl({ 'net.ipv4.neigh.eth0.mcast_solicit': 60 });
        await pullCable();
        await until('the kernel asks for the server', async () => {
          const [entry] = await lb.ns.ipJson<{ state: string[] }>('neigh', 'show', servers[0]!.address[4]);
          return entry?.state.includes('INCOMPLETE');
        });
        // It asks because the daemon has had a look at the link that is back; what comes of that look is in use by then.
        await probes.finish(Date.now() + 500);
      } finally {
        await end();
      }
    });

    describe('on two networks', () => {
      beforeAll(async () => {
        topology = await Topology.create({ servers: ['lan', 'lan2', 'lan', 'lan2'] });
        await startServers(topology.servers);
        await startBackends(topology.servers);
      });
      afterEach(() => daemon?.stop());
      afterAll(() => topology.close());

      it.each(vipTypes.filter(({ method }) => method !== 'nat'))(
        '$name: servers behind an interface that is not bound are reached through the kernel',
        async (type) => {
          await topology.setGateway('router');
          const vips = liveVips(type, topology.lb, topology.servers);
          daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
          const seen = await Recording.start(topology.lb.ns, 'eth1');
          await expectAllServed(vips.address, vips.http);
          const [, second] = topology.servers;
          const ip = type.as === 4 ? 'ip' : 'ipv6';
          expect(await seen.fields(`${ip}.dst == ${second!.address[type.as]}`, ['eth.dst'])).not.toEqual([]);
          await seen.stop();
        },
      );

      it.each(vipTypes)('$name: servers behind another bound interface are reached there', async (type) => {
        const interfaces = ['eth0', 'eth1'];
        await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
        const vips = liveVips(type, topology.lb, topology.servers, interfaces);
        daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config, interfaces });
        await expectAllServed(vips.address, vips.http);
      });

      async function expectAllServed(host: string, port: number): Promise<void> {
        await whoAnswers(topology.client.ns, url(host));
        const load = await HttpLoad.start(topology.client.ns, { host, port, connections: 200 });
        const { servers, ...report } = await load.finish();
        expect(report).toMatchObject({ connections: 200, moved: 0, failures: none });
        expectEvenShares(servers);
      }
    });
  });
});
