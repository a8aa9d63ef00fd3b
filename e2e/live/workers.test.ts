import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Daemon, queueKinds } from '../support/daemon.js';
import { url } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { expectEvenShares, livePrograms, none } from '../support/live.js';
import { createLiveTopology, vipsOfType } from '../support/live-topology.js';
import { describeNeeding } from '../support/needs.js';
import type { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';
import { loadWithWrk, noFailures } from '../support/wrk.js';

describeNeeding(livePrograms, 'two workers on two queues', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    ({ topology } = await createLiveTopology({ queues: 2 }));
  });
  afterEach(() => daemon?.stop());
  afterAll(() => topology.close());

  describe.each(queueKinds)('through %s', (kind) => {
    it.each(vipTypes.filter(({ name }) => ['ip6-gre6', 'ip4-nat4'].includes(name)))(
      '$name: share the flows, and each stays where it is',
      async (type) => {
        const vips = await vipsOfType(topology, type);
        daemon = await Daemon.start(topology.lb.ns, { kind, config: vips.config, workers: 2 });
        const target = { host: vips.address, port: vips.http };
        const load = await HttpLoad.start(topology.client.ns, { ...target, connections: 200, intervalMs: 200 });
        const { failures } = await loadWithWrk(topology.client.ns, url(vips.address), 200, 2);
        expect(failures).toEqual(noFailures);
        const { servers, ...report } = await load.finish();
        expect(report).toMatchObject({ connections: 200, moved: 0, failures: none });
        expectEvenShares(servers);
        const shares = await daemon.packetsPerWorker();
        expect(shares).toHaveLength(2);
        for (const packets of shares) expect(packets).toBeGreaterThan(100);
        expect(await daemon.stop()).toEqual({ status: 0, signal: null });
      },
    );
  });

  it.skipIf(cpus().length < 2)('keeps its other threads off the CPUs of its workers', async () => {
    const { config } = await vipsOfType(topology, vipTypes[0]!);
    daemon = await Daemon.start(topology.lb.ns, { kind: 'af_packet', config, workers: 1, cpus: '1' });
    const allowed = allowedCpus(daemon.pid);
    expect(allowed.filter((list) => list === '1')).toHaveLength(1);
    expect(allowed.length).toBeGreaterThan(1);
    const others = allowed.filter((list) => list !== '1');
    for (const list of others) expect(list.split(',').some((part) => part === '1' || /^0-|^1-/.test(part))).toBe(false);
  });
});

/** Of each thread of a process the CPUs that it may run on, as in `0,2-3`. */
function allowedCpus(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(status)![1]!;
  });
}
