import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { curl, upload, url } from '../support/http.js';
import { livePrograms } from '../support/live.js';
import { type LiveVips, liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { Recording } from '../support/recording.js';
import { largePageBytes, startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

/** Bytes that an outer header and GRE add. */
const overhead = { 4: 24, 6: 44 } as const;
const sentBytes = 500_000;

describeNeeding(livePrograms, 'path MTU', () => {
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
      beforeEach(async () => {
        const { client, lb, servers } = topology;
        vips = liveVips(type, lb, servers);
        await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
        for (const { ns } of [client, ...servers]) {
          for (const family of ['-4', '-6']) await ns.must('ip', family, 'route', 'flush', 'cache');
        }
        daemon = await Daemon.start(lb.ns, { kind, config: vips.config });
      });
      afterEach(() => daemon.stop());

      if (type.method === 'gre') {
        it('tells a sender of full segments what fits, and carries them', async () => {
          const seen = await Recording.start(topology.client.ns, 'eth0');
          expect(await upload(topology.client.ns, url(vips.address, '/upload'), sentBytes)).toBeGreaterThan(sentBytes);
          const messages = await seen.tooBig(type.vip);
          await seen.stop();
          expect(messages.map(({ mtu }) => mtu)).toEqual([1500 - overhead[type.as]]);
        });
      }

      if (type.method === 'gre') {
        it('follows the MTU of its interface', async () => {
          const { client, router, lb } = topology;
          const setMtu = async (mtu: number) => {
            // The router's side as well: on a link with two opinions frames get lost.
            await router.ns.ip(`link set lan mtu ${mtu}`);
            await lb.ns.ip(`link set eth0 mtu ${mtu}`);
          };
          await setMtu(1450);
          try {
            const fits = 1450 - overhead[type.as];
            const seen = await Recording.start(client.ns, 'eth0');
            await until('senders are told', async () => {
              await upload(client.ns, url(vips.address, '/upload'), sentBytes);
              return (await seen.tooBig(type.vip)).some(({ mtu }) => mtu === fits);
            });
            await seen.stop();
          } finally {
            await setMtu(1500);
          }
        });
      }

      it('carries what a router says of a narrow path to the server that sends', async () => {
        const { client, router } = topology;
        const seen = await Recording.start(router.ns, 'lan', 'icmp or icmp6');
        await router.ns.ip('link set front mtu 1300');
        try {
          expect(await curl(client.ns, url(vips.address, '/large'))).toHaveLength(largePageBytes);
        } finally {
          await router.ns.ip('link set front mtu 1500');
        }
        expect(await seen.tooBig(type.vip)).toContainEqual({ from: router.address[type.vip], mtu: 1300 });
        await seen.stop();
      });
    });
  });
});
