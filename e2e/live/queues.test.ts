import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../support/backend.js';
import { Daemon } from '../support/daemon.js';
import { url } from '../support/http.js';
import { HttpLoad } from '../support/http-load.js';
import { livePrograms, none, serverNames } from '../support/live.js';
import { liveVips } from '../support/live-vips.js';
import { describeNeeding } from '../support/needs.js';
import { startServers } from '../support/servers.js';
import { Topology } from '../support/topology.js';
import { vipTypes } from '../support/vip-types.js';
import { loadWithWrk, noFailures } from '../support/wrk.js';

/** What `show node counters` says of a worker. */
interface Worker {
  readonly queues: readonly { readonly receiveQueue: number; readonly rxPackets: number }[];
}

describeNeeding(livePrograms, 'four receive queues', () => {
  let topology: Topology;
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    topology = await Topology.create({ queues: 4 });
    await startServers(topology.servers);
    await startBackends(topology.servers);
  });
  afterEach(async () => {
    await daemon?.kill();
    daemon = undefined;
  });
  afterAll(() => topology.close());

  it.each([
    { workers: 1, name: 'ip4-gre4' },
    { workers: 2, name: 'ip4-gre4' },
    { workers: 2, name: 'ip6-nat6' },
  ])('$name, $workers workers: all are served, and every flow stays where it is', async ({ workers, name }) => {
    const type = vipTypes.find((each) => each.name === name)!;
    const vips = liveVips(type, topology.lb, topology.servers);
    await topology.setGateway(type.method === 'nat' ? 'lb' : 'router');
    daemon = await Daemon.start(topology.lb.ns, { kind: 'af_xdp', config: vips.config, workers });
    const target = { host: vips.address, port: vips.http };
    const load = await HttpLoad.start(topology.client.ns, { ...target, connections: 200, intervalMs: 200 });
    const { failures } = await loadWithWrk(topology.client.ns, url(vips.address), 200, 1);
    expect(failures).toEqual(noFailures);
    const { servers, ...report } = await load.finish();
    expect(report).toMatchObject({ connections: 200, moved: 0, failures: none });
    expect(Object.keys(servers).sort()).toEqual(serverNames);

    const { workers: counted } = await daemon.show<{ workers: Worker[] }>('node', 'counters');
    // Queue q belongs to worker q modulo their number.
    expect(counted.map(({ queues }) => queues.map(({ receiveQueue }) => receiveQueue))).toEqual(
      Array.from({ length: workers }, (_, index) => [0, 1, 2, 3].filter((queue) => queue % workers === index)),
    );
    for (const { queues } of counted) for (const { rxPackets } of queues) expect(rxPackets).toBeGreaterThan(100);
    expect(await daemon.lost()).toEqual({ dropped: {}, unsent: 0 });
    expect(await daemon.stop()).toEqual({ status: 0, signal: null });
  });
});
