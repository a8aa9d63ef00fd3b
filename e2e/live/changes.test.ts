import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { url } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { createLiveTopology, vipsOfType } from '../support/live-topology.js';
import type { LiveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import type { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';
import { loadWithWrk, noFailures } from '../support/wrk.js';

const types = vipTypes.filter(({ name }) => ['ip4-gre4', 'ip6-nat6'].includes(name));

describeNeeding(livePrograms, 'changes under load', () => {
  let topology: Topology;
  beforeAll(async () => {
    ({ topology } = await createLiveTopology());
  });
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    describe.each(types)('$name', (type) => {
      let daemon: Daemon;
      let vips: LiveVips;
      let as: (index: number, ...words: string[]) => Promise<void>;
      beforeAll(async () => {
        vips = await vipsOfType(topology, type);
        as = (index, ...words) =>
          daemon.exec(['lb as', ...vips.httpVip, topology.servers[index]!.address[type.as], ...words].join(' '));
        daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
      });
      afterAll(() => daemon.stop());

      /** Old connections that stay, new ones that come and go, and wrk, while `change` happens: nothing fails. */
      async function unharmed(change: () => Promise<void>): Promise<void> {
        const target = { host: vips.address, port: vips.http };
        const loads = [
          await HttpLoad.start(topology.client.ns, { ...target, connections: 100, intervalMs: 200 }),
          await HttpLoad.start(topology.client.ns, {
            ...target,
            connections: 20,
            intervalMs: 50,
            requestsPerConnection: 2,
          }),
        ];
        const { failures } = await loadWithWrk(topology.client.ns, url(vips.address), 50, 1, change);
        for (const load of loads) expect(await load.finish()).toMatchObject({ moved: 0, failures: none });
        expect(failures).toEqual(noFailures);
      }

      // The first test: later on a client's port may be that of an established flow, which keeps its server.
      it('gives a server of weight 0 no new connection', async () => {
        await as(1, 'weight', '0');
        const load = await HttpLoad.start(topology.client.ns, {
          host: vips.address,
          port: vips.http,
          connections: 100,
        });
        const { servers } = await load.finish();
        await as(1, 'weight', '100');
        expect(Object.keys(servers).sort()).toEqual(serverNames.filter((name) => name !== 's2'));
      });

      it('removes a server without flush and adds it again', () =>
        unharmed(async () => {
          await as(3, 'del');
          await as(3);
        }));

      it('takes a server out with weight 0 and in again', () =>
        unharmed(async () => {
          await as(0, 'weight', '0');
          await as(0, 'weight', '100');
        }));

      it('publishes a hundred changes in a row', () =>
        unharmed(async () => {
          const vip = vips.httpVip.join(' ');
          const addresses = topology.servers.map(({ address }) => address[type.as]);
          for (let change = 0; change < 100; change++) {
            await daemon.exec(`lb as ${vip} ${addresses[change % 4]} weight ${change + 1}`);
          }
          await daemon.exec(`lb as ${vip} ${addresses.join(' ')} weight 100`);
        }));

      it('flushes: connections go elsewhere, and new ones work', async () => {
        await as(2, 'del', 'flush');
        const load = await HttpLoad.start(topology.client.ns, { host: vips.address, port: vips.http, connections: 60 });
        const report = await load.finish();
        await as(2);
        expect(report).toMatchObject({ moved: 0, failures: none });
        expect(Object.keys(report.servers).sort()).toEqual(serverNames.filter((name) => name !== 's3'));
      });

      it('has lost nothing', async () => {
        expect(await daemon.lost()).toEqual({ dropped: {}, unsent: 0 });
      });
    });
  });
});
