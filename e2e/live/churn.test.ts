import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { churn } from '../soak/churn.js';
import { holdings, holdsNoMore, residentBytes } from '../soak/holdings.js';
import { publish } from '../soak/publish.js';
import { shortChurn, shortPublications } from '../soak/short.js';
import { createSite, type Site, siteConfig } from '../soak/site.js';
import { Daemon, queueKinds } from '../support/daemon.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none } from '../support/live.js';
import { describeNeeding } from '../support/needs.js';

const { seed, operations, connections } = shortChurn;
/** A busy machine may take its time: nothing here is measured by the clock. */
const PATIENCE_MS = 600_000;
/** Images that nobody uses any more may wait for the collector, but not all of these, which have more than half a megabyte each. */
const allowedRiseBytes = 150e6;

describeNeeding([...livePrograms, 'openssl'], `churn, seed ${seed}`, () => {
  let site: Site;
  beforeAll(async () => {
    site = await createSite({ queues: 2 });
  });
  afterAll(() => site.topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    it(
      `${operations} operations break no connection that they may not break`,
      async () => {
        const goesOn = (carriedOut: number) => carriedOut < operations;
        const report = await churn(site, { kind, seed, connections, goesOn });
        expect(report.unexplained).toBe('');
        // The operations did what they are there for.
        expect(report.broken).toBeGreaterThan(0);
        expect(report.daemons).toBeGreaterThan(2);
        const { before, after } = report;
        for (const what of ['bpf', 'threads', 'networkNamespaces', 'sharedMemoryFiles'] as const) {
          expect(after[what], what).toBeLessThanOrEqual(before[what]);
        }
      },
      PATIENCE_MS,
    );

    it(
      `${shortPublications} publications leave nothing behind, and break nothing`,
      async () => {
        const { topology } = site;
        const daemon = await Daemon.start(topology.lb.ns, { kind, config: siteConfig(topology), workers: 2 });
        try {
          const target = { host: '90.1.2.1', port: 80, connections: 20, timeoutMs: 30_000 };
          const load = await HttpLoad.start(topology.client.ns, target);
          for (let number = 0; number < 50; number++) await publish(daemon, topology, number);
          const before = holdings(daemon.pid);
          const beforeBytes = residentBytes(daemon.pid);
          for (let number = 0; number < shortPublications; number++) await publish(daemon, topology, number);
          expect(residentBytes(daemon.pid) - beforeBytes).toBeLessThan(allowedRiseBytes);
          expect(await load.finish()).toMatchObject({ connections: 20, moved: 0, failures: none });
          await holdsNoMore(daemon.pid, before);
        } finally {
          await daemon.stop();
        }
      },
      PATIENCE_MS,
    );
  });
});
