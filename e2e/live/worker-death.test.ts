import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { url, whoAnswers } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { createLiveTopology, vipsOfType } from '../support/live-topology.js';
import type { LiveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import type { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';

describeNeeding(livePrograms, 'a worker that dies', () => {
  let topology: Topology;
  beforeAll(async () => {
    ({ topology } = await createLiveTopology({ queues: 2 }));
  });
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    describe.each(vipTypes.filter(({ name }) => ['ip6-gre4', 'ip4-nat4'].includes(name)))('$name', (type) => {
      let daemon: Daemon;
      let vips: LiveVips;
      beforeEach(async () => {
        vips = await vipsOfType(topology, type);
        daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config, workers: 2 });
      });
      afterEach(() => daemon.stop());

      it.each([0, 1])('worker %i is back, and the same connections go on', async (worker) => {
        const { client, servers } = topology;
        const target = { host: vips.address, port: vips.http };
        const load = await HttpLoad.start(client.ns, { ...target, connections: 100 });
        // From here on the connections of two servers live by the flow table alone: their buckets lead elsewhere.
        const others = servers.slice(0, 2).map(({ address }) => address[type.as]);
        await daemon.exec(`lb as ${[...vips.httpVip, ...others].join(' ')} weight 0`);

        await daemon.command('debug', 'worker', `${worker}`, 'kill');
        await daemon.said(new RegExp(`worker ${worker} is back`));

        const { servers: counts, ...report } = await load.finish();
        expect(report).toMatchObject({ connections: 100, moved: 0, failures: none });
        expect(Object.keys(counts).sort()).toEqual(serverNames);
        expect(serverNames).toContain(await whoAnswers(client.ns, url(vips.address)));
      });

      it('costs no connection that comes meanwhile', async () => {
        const load = await HttpLoad.start(topology.client.ns, {
          ...{ host: vips.address, port: vips.http, connections: 20, intervalMs: 20, requestsPerConnection: 3 },
        });
        for (const worker of ['0', '1']) {
          await daemon.command('debug', 'worker', worker, 'kill');
          await daemon.said(new RegExp(`worker ${worker} is back`));
        }
        const { connections, ...report } = await load.finish();
        expect(report).toMatchObject({ moved: 0, failures: none });
        expect(connections).toBeGreaterThan(20);
      });
    });
  });
});
