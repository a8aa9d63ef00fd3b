import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { askNames } from '../support/dns-flows.js';
import { upload, url, whoAnswers } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { streamUdp } from '../support/iperf3.js';
import { expectEvenShares, livePrograms, none, serverNames } from '../support/live.js';
import { closedPort, type LiveVips, liveVips, nodePorts } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import type { Running } from '../support/running.js';
import { serverPorts, startIperf3, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';
import { loadWithWrk, noFailures } from '../support/wrk.js';

describeNeeding(livePrograms, 'live traffic', () => {
  let topology: Topology;
  beforeAll(async () => {
    topology = await Topology.create();
    await startServers(topology.servers);
    await startBackends(topology.servers);
  });
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    describe.each(vipTypes)('$name', (type) => {
      let daemon: Daemon;
      let vips: LiveVips;
      let iperf3: Running;
      beforeAll(async () => {
        vips = liveVips(type, topology.lb, topology.servers);
        await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
        const [first] = topology.servers;
        iperf3 = await startIperf3(first!.ns, type.method === 'nat' ? first!.address[type.as] : vips.single);
        daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
      });
      afterAll(async () => {
        await iperf3.stop();
        expect(await daemon.stop()).toEqual({ status: 0, signal: null });
      });

      it('carries HTTP', async () => {
        expect(serverNames).toContain(await whoAnswers(topology.client.ns, url(vips.address)));
      });

      it('carries requests that fill the path', async () => {
        const sentBytes = 500_000;
        expect(await upload(topology.client.ns, url(vips.address, '/upload'), sentBytes)).toBeGreaterThan(sentBytes);
      });

      it('keeps each connection on one server, and gives all servers their share', async () => {
        const load = await HttpLoad.start(topology.client.ns, {
          host: vips.address,
          port: vips.http,
          connections: 400,
          intervalMs: 500,
        });
        const { connections, moved, failures, servers } = await load.finish();
        expect({ connections, moved, failures }).toEqual({ connections: 400, moved: 0, failures: {} });
        expectEvenShares(servers);
      });

      it('carries a thousand connections of wrk, none of which fails', async () => {
        const { requests, failures } = await loadWithWrk(topology.client.ns, url(vips.address), 1000, 1);
        expect(failures).toEqual(noFailures);
        expect(requests).toBeGreaterThan(0);
      });

      it('carries DNS over UDP, each flow on one server', async () => {
        const { client } = topology;
        const words = ['+short', '+tries=1', '-p', `${vips.dns}`, `@${vips.address}`, 'name.test', 'TXT'];
        expect(serverNames).toContain(JSON.parse(await client.ns.must('dig', ...words)));
        const dns = { host: vips.address, port: vips.dns, flows: 80, questions: 3 };
        const { answers, moved, failures, servers } = await askNames(client.ns, dns);
        expect({ answers, moved, failures }).toEqual({ answers: 240, moved: 0, failures: {} });
        expect(Object.keys(servers).sort()).toEqual(serverNames);
      });

      it.each([1000, 4000])('carries UDP datagrams of %i bytes without loss', async (datagramBytes) => {
        // Nobody fragments IPv6 on the way: the client has to know what fits, which a first packet teaches it.
        const tooLong = ['-q', '-c', '1', '-W', '0.2', '-s', '1452', vips.single];
        if (type.vip === 6) await topology.client.ns.run('ping', ...tooLong);
        const target = { host: vips.single, port: serverPorts.iperf3, datagramBytes };
        const [first] = topology.servers;
        const sent = await streamUdp({ from: topology.client.ns, to: first!.ns, ...target });
        expect(sent).toBeGreaterThan(100);
      });

      if (type.method === 'nat') {
        it('serves the node ports', async () => {
          const { client, lb } = topology;
          const node = lb.address[type.vip];
          const load = await HttpLoad.start(client.ns, { host: node, port: nodePorts.http, connections: 100 });
          const http = await load.finish();
          expect(http).toMatchObject({ connections: 100, moved: 0, failures: none });
          expect(Object.keys(http.servers).sort()).toEqual(serverNames);
          const dns = await askNames(client.ns, { host: node, port: nodePorts.dns, flows: 80, questions: 2 });
          expect(dns).toMatchObject({ answers: 160, moved: 0, failures: none });
          expect(Object.keys(dns.servers).sort()).toEqual(serverNames);
        });

        it('translates the ICMP error of a server', async () => {
          const dns = { host: vips.address, port: closedPort, flows: 4, questions: 1 };
          const { failures } = await askNames(topology.client.ns, dns);
          expect(failures).toEqual({ ECONNREFUSED: 4 });
        });
      }

      it('has lost nothing', async () => {
        expect(await daemon.lost()).toEqual({ dropped: {}, unsent: 0 });
      });
    });
  });
});
