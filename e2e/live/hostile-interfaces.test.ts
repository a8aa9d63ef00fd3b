import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { url, whoAnswers } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { link } from '../support/link.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { type LiveVips, liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { ownProcesses } from '../support/own-processes.js';
import { refusal } from '../support/refused.js';
import { startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

const waitMs = 30_000;

describeNeeding(livePrograms, 'interfaces that change hands', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  let vips: LiveVips;
  const type = vipTypes.find(({ name }) => name === 'ip4-gre4')!;
  beforeAll(async () => {
    topology = await Topology.create();
    await startServers(topology.servers);
    await startBackends(topology.servers);
    vips = liveVips(type, topology.lb, topology.servers);
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
  });
  afterAll(() => topology.close());

  /** Connections that wait, and send again, while an interface is away. */
  const patientLoad = (connections = 40) =>
    HttpLoad.start(topology.client.ns, { host: vips.address, port: vips.http, connections, timeoutMs: waitMs });
  const notices = async () => {
    const { events } = await daemon!.ask<{ events: { type: string; code?: string; what?: string }[] }>(
      'GET',
      '/v1/events',
    );
    return events;
  };

  describe.each(queueKinds)('through %s', (kind) => {
    beforeEach(async () => {
      daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
    });

    it('one that is renamed is served on, by a worker that comes later, too', async () => {
      const { lb, servers } = topology;
      const load = await patientLoad();
      // These live by the flow table alone.
      await daemon!.exec(`lb as ${vips.httpVip.join(' ')} ${servers[0]!.address[4]} weight 0`);
      await lb.ns.ip('link set eth0 name eth9');
      try {
        await daemon!.said(/eth0 is called eth9 now/, waitMs);
        await until(
          'the worker serves it',
          async () => serverNames.includes(await whoAnswers(topology.client.ns, url(vips.address))),
          waitMs,
        );
        await daemon!.command('debug', 'worker', '0', 'kill');
        await daemon!.said(/worker 0 is back/, waitMs);
        if (kind === 'af_packet') {
          const sets = await lb.ns.must('nft', 'list', 'sets', 'inet');
          expect(sets).toMatch(/set interfaces [{][^}]*"eth9"/);
        }
        const report = await load.finish();
        expect(report).toMatchObject({ connections: 40, moved: 0, failures: none });
        expect((await daemon!.lost()).unsent).toBe(0);
        const late = await (await patientLoad(20)).finish();
        expect(late).toMatchObject({ connections: 20, moved: 0, failures: none });
        expect(await notices()).toContainEqual(
          expect.objectContaining({ type: 'notice', code: 'LB_LIVE_WARN_RENAMED' }),
        );
      } finally {
        await lb.ns.ip('link set eth9 name eth0');
      }
      await daemon!.said(/eth9 is called eth0 now: it has its name again/, waitMs);
      expect(await (await patientLoad(20)).finish()).toMatchObject({ connections: 20, moved: 0, failures: none });
    });

    it('one that is deleted and made again takes the connections up where they were', async () => {
      const { lb, router, servers } = topology;
      const load = await patientLoad();
      await daemon!.exec(`lb as ${vips.httpVip.join(' ')} ${servers[0]!.address[4]} weight 0`);
      await lb.ns.ip('link del eth0');
      await daemon!.said(/eth0 is gone/, waitMs);
      expect(await daemon!.command('show', 'lb')).toContain('SETTING');
      await link({ ns: lb.ns, name: 'eth0', mac: '02:00:00:00:02:64' }, { ns: router.ns, name: 'lb0' });
      await router.ns.ip('link set lb0 master lan');
      await lb.ns.ip(`addr add ${lb.address[4]}/24 dev eth0`, `addr add ${lb.address[6]}/64 dev eth0 nodad`);
      await lb.ns.ip(`route add default via ${router.address[4]}`, `route add default via ${router.address[6]}`);
      await daemon!.said(/eth0 is back/, waitMs);
      const report = await load.finish();
      expect(report).toMatchObject({ connections: 40, moved: 0, failures: none });
      const ofLink = (await notices()).filter((event) => event.type === 'interface');
      expect(ofLink.map(({ what }) => what)).toEqual(['gone', 'back']);
    });

    it.each(['=af_xdp', '=af_packet', ''])(
      'is not served by a second daemon, eth0%s; the first goes on',
      async (second) => {
        const load = await patientLoad();
        const said = await refusal(topology.lb.ns, ['--interface', `eth0${second}`]);
        expect(said).toMatch(/eth0.*[(]LB_DAEMON_INTERFACE_LIVE[)]$/);
        const report = await load.finish();
        expect(report).toMatchObject({ connections: 40, moved: 0, failures: none });
        expect(await daemon!.lost()).toEqual({ dropped: {}, unsent: 0 });
        // Neither program nor rules of the second are left.
        const tables = await topology.lb.ns.must('nft', 'list', 'tables');
        expect(tables.match(/lb_serve_/g) ?? []).toHaveLength(kind === 'af_packet' ? 1 : 0);
      },
    );

    it.each(queueKinds)(
      'is not served by a second daemon among other processes, as in a container, by %s',
      async (second) => {
        const { lb, client } = topology;
        const load = await patientLoad();
        const said = await refusal(lb.ns, ['--interface', `eth0=${second}`], ownProcesses(lb.ns));
        expect(said).toMatch(/another daemon .*process.* serves eth0.*[(]LB_DAEMON_INTERFACE_LIVE[)]$/);
        expect(await load.finish()).toMatchObject({ connections: 40, moved: 0, failures: none });
        // The first is served on, and may be ended and started again.
        await daemon!.kill();
        daemon = await Daemon.start(lb.ns, { kind, config: vips.config });
        expect(serverNames).toContain(await whoAnswers(client.ns, url(vips.address)));
      },
    );
  });
});
