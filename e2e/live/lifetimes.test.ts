import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { url, whoAnswers } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { createLiveTopology, vipsOfType } from '../support/live-topology.js';
import { closedPort, liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { type ReplayReport, sum } from '../support/replay.js';
import type { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

/** Nothing ends in the time of a test but what is closing, and that not before its last segment has come. */
const times = 'lb conf timeout 3600 tcp-opening-timeout 3600 tcp-closing-timeout 5';
/** Of what `lb flows --json` lists. */
interface Flow {
  readonly client: string;
  readonly clientPort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly as: string;
  readonly state: string | null;
  readonly expiresInSec: number;
}

const open = 10;
const short = 20;

describeNeeding(livePrograms, 'connections that end', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    ({ topology } = await createLiveTopology());
  });
  afterEach(() => daemon?.stop());
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    it.each(vipTypes.filter(({ name }) => ['ip4-gre4', 'ip6-nat6'].includes(name)))(
      '$name: leave the flow table long before those that stay open',
      async (type) => {
        const { client, lb } = topology;
        const vips = await vipsOfType(topology, type);
        const started = await Daemon.start(lb.ns, { kind, config: [...vips.config, times] });
        daemon = started;
        const target = { host: vips.address, port: vips.http, connections: open };
        const load = await HttpLoad.start(client.ns, target);
        for (let number = 0; number < short; number++) {
          expect(serverNames).toContain(await whoAnswers(client.ns, url(vips.address)));
        }
        const served = async () => {
          const shown = await started.show<ReplayReport['vips']>('lb', 'vip', 'verbose');
          return shown.find(({ counters }) => counters.first > 0)!;
        };
        expect((await served()).counters).toMatchObject({ first: open + short, untracked: 0 });
        // Flows are counted now and then, by going through the table.
        await until('only what is open is in the table', async () => {
          expect(sum((await served()).ass.map(({ flows }) => flows))).toBe(open);
          return true;
        });
        expect(await load.finish()).toMatchObject({ connections: open, moved: 0, failures: none });
        await until('the table is empty', async () => {
          expect(sum((await served()).ass.map(({ flows }) => flows))).toBe(0);
          return true;
        });
      },
    );
  });

  it('are shown in their state', async () => {
    const { client, lb, servers } = topology;
    const type = vipTypes.find(({ name }) => name === 'ip4-gre4')!;
    const vips = liveVips(type, lb, servers);
    await topology.setGateway('router');
    // Whatever state they are in, they stay.
    const conf = 'lb conf timeout 3600 tcp-opening-timeout 3500 tcp-closing-timeout 3400';
    const started = await Daemon.start(lb.ns, { config: [...vips.config, conf] });
    daemon = started;
    const list = async (...words: string[]) =>
      (JSON.parse(await started.command('flows', '--json', ...words)) as { flows: Flow[] }).flows;
    const load = await HttpLoad.start(client.ns, { host: vips.address, port: vips.http, connections: 1 });
    const [flow, ...others] = await list();
    expect(others).toEqual([]);
    expect(flow).toMatchObject({ protocol: 'tcp', destinationPort: vips.http, state: 'established' });
    expect(flow!.expiresInSec).toBeGreaterThan(3500);

    // The server's answer, that nobody listens, does not come this way.
    const refused = await client.ns.run('curl', '--max-time', '30', url(vips.address, '/', closedPort));
    expect(refused.status, refused.stderr).toBe(7);
    const opening = await list('--state', 'opening');
    expect(opening).toMatchObject([{ destinationPort: closedPort, state: 'opening' }]);
    expect(opening[0]!.expiresInSec).toBeLessThanOrEqual(3500);
    expect(await list('--state', 'established')).toMatchObject([{ clientPort: flow!.clientPort }]);

    expect(await load.finish()).toMatchObject({ connections: 1, failures: none });
    const text = `${flow!.client}:${flow!.clientPort} > ${flow!.destination}:${flow!.destinationPort}/tcp`;
    const closing = await until('the connection is closing', async () => {
      const { entry } = JSON.parse(await started.command('flows', text, '--json')) as { entry: Flow };
      return entry.state === 'closing' && entry;
    });
    expect(closing).toMatchObject({ as: flow!.as, clientPort: flow!.clientPort });
    expect(closing.expiresInSec).toBeLessThanOrEqual(3400);
    expect(await started.command('flows', '--state', 'closing')).toMatch(
      new RegExp(`^tcp +${flow!.client}:${flow!.clientPort} .* closing +0 +[\\d.]+ s$`, 'm'),
    );
    // Counted now and then, by going through the table.
    await until('both are counted', async () => {
      const { flowStates } = await started.ask<{ flowStates: object }>('GET', '/v1/counters');
      expect(flowStates).toEqual({ opening: 1, closing: 1 });
      return true;
    });
  });
});
