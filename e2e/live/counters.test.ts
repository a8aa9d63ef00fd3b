import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { askNames, type DnsFlowsReport } from '../support/dns-flows.js';
import { livePrograms, none } from '../support/live.js';
import { createLiveTopology, vipsOfType } from '../support/live-topology.js';
import { describeNeeding } from '../support/needs.js';
import { type ReplayReport, sum } from '../support/replay.js';
import type { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import { vipTypes } from '../support/vip-types.js';

describeNeeding(livePrograms, 'the counters', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    ({ topology } = await createLiveTopology());
  });
  afterEach(() => daemon?.stop());
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    it.each(vipTypes)('$name: tell what clients and servers saw', async (type) => {
      const vips = await vipsOfType(topology, type);
      const started = await Daemon.start(topology.lb.ns, { kind, config: vips.config });
      daemon = started;
      // Enough that a server without any would be no chance.
      const dns = { host: vips.address, port: vips.dns, flows: 80, questions: 4 };
      const seen = await askNames(topology.client.ns, dns);
      expect(seen).toMatchObject({ answers: 320, moved: 0, failures: none });

      const served = async () => {
        const shown = await started.show<ReplayReport['vips']>('lb', 'vip', 'verbose');
        return shown.find(({ counters }) => counters.first > 0)!;
      };
      // Flows are counted now and then, by going through the table.
      await until('all flows are counted', async () => {
        expect(sum((await served()).ass.map(({ flows }) => flows))).toBe(dns.flows);
        return true;
      });
      const { counters, ass } = await served();
      expect(counters).toEqual({ first: 80, existing: 240, untracked: 0, noServer: 0 });
      expect(countsByName(ass, type.as)).toEqual(expectedCounts(seen, dns.questions));
      expect(await started.lost()).toEqual({ dropped: {}, unsent: 0 });
    });
  });

  type Counts = Record<string, { flows: number; packets: number }>;

  function countsByName(ass: ReplayReport['vips'][number]['ass'], family: 4 | 6): Counts {
    const name = (wanted: string) => topology.servers.find(({ address }) => address[family] === wanted)!.ns.title;
    return Object.fromEntries(ass.map(({ address, flows, packets }) => [name(address), { flows, packets }]));
  }

  function expectedCounts({ servers }: DnsFlowsReport, questions: number): Counts {
    return Object.fromEntries(
      Object.entries(servers).map(([name, flows]) => [name, { flows, packets: flows * questions }]),
    );
  }
});
