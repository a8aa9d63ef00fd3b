import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon, type DaemonOptions, queueKinds } from '../support/daemon.js';
import { flowFolder, removeFlowTables } from '../support/flow-folder.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';

describeNeeding(livePrograms, 'a daemon that is started again', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  let state = '';
  beforeAll(async () => {
    topology = await Topology.create({ queues: 2 });
    await startServers(topology.servers);
    await startBackends(topology.servers);
  });
  afterEach(async () => {
    await daemon?.stop();
    removeFlowTables(state);
  });
  afterAll(() => topology.close());

  it('removes the flow tables of a state that was deleted', async () => {
    const { lb, servers } = topology;
    const { config } = liveVips(vipTypes[0]!, lb, servers);
    const [deleted, other] = ['deleted', 'other'].map((name) => join(mkdtempSync(join(lb.ns.folder, name)), 'lb'));
    for (state of [deleted!, other!]) {
      daemon = await Daemon.start(lb.ns, { kind: 'af_packet', config, state });
      await daemon.stop();
      expect(existsSync(flowFolder(state))).toBe(true);
      rmSync(deleted!, { recursive: true, force: true });
    }
    expect(existsSync(flowFolder(deleted!))).toBe(false);
    expect(daemon!.output).toContain(`the flow tables of ${deleted} are removed`);
  });

  const endings = { 'kill -9': () => daemon!.kill(), SIGTERM: () => daemon!.stop() };

  describe.each(queueKinds)('through %s', (kind) => {
    describe.each(vipTypes.filter(({ name }) => ['ip6-gre4', 'ip4-nat4'].includes(name)))('$name', (type) => {
      it.each(Object.keys(endings) as (keyof typeof endings)[])(
        'goes on with every connection after %s',
        async (how) => {
          const { lb, client, servers } = topology;
          const vips = liveVips(type, lb, servers);
          state = join(mkdtempSync(join(lb.ns.folder, 'state-')), 'lb');
          const options: DaemonOptions = { kind, config: vips.config, workers: 2, state };
          await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
          daemon = await Daemon.start(lb.ns, options);
          const target = { host: vips.address, port: vips.http };
          const load = await HttpLoad.start(client.ns, { ...target, connections: 100, timeoutMs: 30_000 });
          // From here on the connections of two servers live by the flow table alone: their buckets lead elsewhere.
          const [first, second] = servers.map(({ address }) => address[type.as]);
          await daemon.exec(`lb as ${vips.httpVip.join(' ')} ${first} weight 0`);
          await daemon.exec(`lb as ${vips.httpVip.join(' ')} ${second} del`);

          await endings[how]();
          daemon = await Daemon.start(lb.ns, options);
          expect(daemon.output).toMatch(/\d+ established flows go on/);

          const { servers: counts, ...report } = await load.finish();
          expect(report).toMatchObject({ connections: 100, moved: 0, failures: none });
          expect(Object.keys(counts).sort()).toEqual(serverNames);
          const late = await (await HttpLoad.start(client.ns, { ...target, connections: 60 })).finish();
          expect(late).toMatchObject({ connections: 60, moved: 0, failures: none });
          expect(Object.keys(late.servers).sort()).toEqual(serverNames.slice(2));
        },
      );
    });
  });
});
