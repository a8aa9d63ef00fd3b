import { afterAll, beforeAll, expect, it } from 'vitest';
import { queueKinds } from '../support/daemon.js';
import { livePrograms } from '../support/live.js';
import { describeNeeding } from '../support/needs.js';
import { churn } from './churn.js';
import { fromEnvironment } from './numbers.js';
import { createSite, type Site } from './site.js';

/** For both kinds of queue together. */
const seconds = fromEnvironment('LB_SOAK_SECONDS', 60);
const seed = fromEnvironment('LB_SOAK_SEED', (Date.now() % 1_000_000_000) + 1);
/** Kinds of operations by name, with commas between. */
const only = (process.env.LB_SOAK_ONLY ?? '').split(',').filter(Boolean);

describeNeeding([...livePrograms, 'openssl'], `churn, seed ${seed}`, () => {
  let site: Site;
  beforeAll(async () => {
    site = await createSite({ queues: 2 });
  });
  afterAll(() => site.topology.close());

  it.each(queueKinds)('through %s breaks no connection that no operation may break', async (kind) => {
    let end = Number.POSITIVE_INFINITY;
    const goesOn = (operations: number) => {
      if (operations === 0) end = performance.now() + (seconds / queueKinds.length) * 1000;
      return performance.now() < end;
    };
    const report = await churn(site, { kind, seed, connections: 24, goesOn, only });
    const { before, after, unexplained, ...figures } = report;
    process.stdout.write(`${JSON.stringify({ kind, seed, ...figures, before, after })}\n`);
    if (unexplained !== '') expect.fail(`seed ${seed}: connections broke without a reason\n${unexplained}`);
    for (const what of ['bpf', 'threads', 'networkNamespaces', 'sharedMemoryFiles'] as const) {
      expect(after[what], what).toBeLessThanOrEqual(before[what]);
    }
  });
});
