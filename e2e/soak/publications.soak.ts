import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { Figures } from '../support/figures.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none } from '../support/live.js';
import { describeNeeding } from '../support/needs.js';
import type { Topology } from '../support/topology.js';
import { holdings, holdsNoMore, residentBytes, slope } from './holdings.js';
import { killWorker } from './kill-worker.js';
import { fromEnvironment } from './numbers.js';
import { publish } from './publish.js';
import { createSite, loadedVips, siteConfig } from './site.js';

const publications = fromEnvironment('LB_SOAK_PUBLICATIONS', 1_000);
/** As many revisions are kept (docs/state.md), so until then memory is meant to grow. */
const keptRevisions = 1_000;
/** Memory rises and falls with the collector; what counts is the least of each of so many stretches. */
const stretches = 4;
const samplesOfStretch = 25;
/** By what that may rise from the first publication to the last, by its slope: eighty images of this configuration, which have 0.6 MB. */
const allowedRiseBytes = 48e6;
const kills = 6;

describeNeeding(livePrograms, 'after many publications', () => {
  let topology: Topology;
  let daemon: Daemon;
  const figures = new Figures();
  beforeAll(async () => {
    ({ topology } = await createSite({ queues: 2 }));
  });
  afterAll(() => {
    topology.close();
    figures.print();
  });

  describe.each(queueKinds)('through %s', (kind) => {
    beforeEach(async () => {
      daemon = await Daemon.start(topology.lb.ns, { kind, config: siteConfig(topology), workers: 2 });
    });
    afterEach(() => daemon.stop());

    it(`${publications} weights: memory, descriptors, BPF objects and threads are as before`, async () => {
      const load = await HttpLoad.start(topology.client.ns, {
        ...{ host: loadedVips[0]!.address, port: 80, connections: 20, intervalMs: 200 },
      });
      for (let number = 0; number < keptRevisions; number++) await publish(daemon, topology, number);
      const before = holdings(daemon.pid);
      // What is counted is there to be counted.
      expect(before.bpf > 0).toBe(kind === 'af_xdp');
      const floors: [number, number][] = [];
      const memory: number[] = [];
      const begin = performance.now();
      for (let stretch = 0; stretch < stretches; stretch++) {
        const length = Math.ceil(publications / stretches);
        const every = Math.ceil(length / samplesOfStretch);
        const seen: number[] = [];
        for (let number = 1; number <= length; number++) {
          await publish(daemon, topology, stretch * length + number);
          if (number % every === 0) seen.push(residentBytes(daemon.pid));
        }
        floors.push([(stretch + 0.5) * length, Math.min(...seen)]);
        memory.push(...seen);
      }
      const seconds = (performance.now() - begin) / 1000;
      const rise = slope(floors) * publications;
      figures.add(`publications, ${kind}`, '1/s', publications / seconds);
      figures.add(`resident memory, ${kind}`, 'MB', ...memory.map((bytes) => bytes / 1e6));
      figures.add(`least resident memory of a stretch, ${kind}`, 'MB', ...floors.map(([, bytes]) => bytes / 1e6));
      figures.add(`rise of it by its slope, ${kind}`, 'MB', rise / 1e6);
      expect(await load.finish()).toMatchObject({ moved: 0, failures: none });
      expect(rise).toBeLessThan(allowedRiseBytes);
      await holdsNoMore(daemon.pid, before);
    });

    it('workers killed one after the other leave nothing behind', async () => {
      // The first of each takes what is kept from then on.
      for (const worker of [0, 1]) await killWorker(daemon, worker);
      const before = holdings(daemon.pid);
      for (let number = 0; number < kills; number++) await killWorker(daemon, number % 2);
      await holdsNoMore(daemon.pid, before);
    });

    it('VIPs that came and went leave nothing behind', async () => {
      const before = holdings(daemon.pid);
      for (let number = 0; number < 200; number++) {
        const vip = `90.200.${number % 100}.0/24`;
        await daemon.exec(`lb vip ${vip} encap gre4 new_len 1024`);
        await daemon.exec(`lb as ${vip} ${topology.servers[number % 4]!.address[4]}`);
        await daemon.exec(`lb vip ${vip} del`);
      }
      await holdsNoMore(daemon.pid, before);
    });
  });
});
