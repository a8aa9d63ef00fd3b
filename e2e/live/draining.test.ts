import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { createLiveTopology, vipsOfType } from '../support/live-topology.js';
import type { LiveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import type { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

interface Shown {
  readonly ass: readonly { readonly address: string; readonly state: string; readonly flows: number | null }[];
}

describeNeeding(livePrograms, 'draining under load', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    ({ topology } = await createLiveTopology());
  });
  afterEach(() => daemon?.stop());
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    describe.each(vipTypes.filter(({ name }) => ['ip6-gre4', 'ip4-nat4'].includes(name)))('$name', (type) => {
      let vips: LiveVips;
      let third: string;
      beforeEach(async () => {
        vips = await vipsOfType(topology, type);
        third = topology.servers[2]!.address[type.as];
        daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
      });

      /** What is shown of the third server. */
      async function shown() {
        const all = await daemon!.show<Shown[]>('lb', 'vip', 'verbose');
        return all.flatMap(({ ass }) => ass).find(({ address, state }) => address === third && state === 'draining')!;
      }

      it('keeps the connections of a server and gives it no new one', async () => {
        const target = { host: vips.address, port: vips.http };
        const old = await HttpLoad.start(topology.client.ns, { ...target, connections: 100 });
        await daemon!.exec(`lb as ${vips.httpVip.join(' ')} ${third} drain`);
        await until('flows of the draining server are counted', async () => (await shown()).flows! > 0);
        const late = await (await HttpLoad.start(topology.client.ns, { ...target, connections: 60 })).finish();
        expect(late).toMatchObject({ connections: 60, moved: 0, failures: none });
        expect(Object.keys(late.servers).sort()).toEqual(serverNames.filter((name) => name !== 's3'));
        const { servers, ...report } = await old.finish();
        expect(report).toMatchObject({ connections: 100, moved: 0, failures: none });
        expect(Object.keys(servers).sort()).toEqual(serverNames);
        expect(await daemon!.lost()).toEqual({ dropped: {}, unsent: 0 });
      });

      it('cuts what is left at the deadline, and nothing else', async () => {
        const target = { host: vips.address, port: vips.http, connections: 100, intervalMs: 50 };
        const load = await HttpLoad.start(topology.client.ns, target);
        await daemon!.exec(`lb as ${vips.httpVip.join(' ')} ${third} drain deadline 1`);
        await until('the draining has reached its deadline', async () => {
          const { events } = await daemon!.ask<{ events: { type: string; what?: string }[] }>('GET', '/v1/events');
          return events.some(({ type: kind, what }) => kind === 'drain' && what === 'deadline');
        });
        const after = await (await HttpLoad.start(topology.client.ns, target)).finish();
        expect(after).toMatchObject({ connections: 100, moved: 0, failures: none });
        expect(Object.keys(after.servers).sort()).toEqual(serverNames.filter((name) => name !== 's3'));
        const { moved, failures, servers } = await load.finish();
        expect(moved).toBe(0);
        // Each connection of the third server is answered by another, which does not know it: a reset.
        expect(Object.keys(failures)).toEqual(['ECONNRESET']);
        expect(failures.ECONNRESET).toBeLessThanOrEqual(servers.s3!);
        expect(failures.ECONNRESET).toBeGreaterThan(0);
      });
    });
  });
});
