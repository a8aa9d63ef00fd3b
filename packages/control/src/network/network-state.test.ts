import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeAsRoot, isRunning, TestNetwork } from './namespaces.testkit.js';
import { NetworkState } from './network-state.js';
import { toNetworkSpec } from './project-network.js';
import { BOUND, untilNetwork, untilWay, wayTo } from './wait-network.testkit.js';

const EAST = '0 02:00:00:00:01:01 1500';
const WEST = '1 02:00:00:00:01:02 1500';
const FAMILIES = [
  { family: 'IPv4', east: '10.1.0.2', west: '10.2.0.2', far: '10.50.0.1', prefix: '10.50.0.0/16' },
  { family: 'IPv6', east: 'fd01::2', west: 'fd02::2', far: 'fd50::1', prefix: 'fd50::/32' },
];

describeAsRoot('NetworkState follows the kernel', () => {
  let network: TestNetwork;
  let state: NetworkState;

  beforeAll(() => {
    network = new TestNetwork();
  });
  afterAll(() => {
    network.close();
  });
  beforeEach(async () => {
    // What it knows, it knows because it was told: nothing is read again for as long as the test lasts.
    state = new NetworkState({ netns: network.here, fullReadMs: 3_600_000 });
    await state.start();
  });
  afterEach(async () => {
    await state.stop();
    network.forgetNeighbours();
  });

  it.each(FAMILIES)('a neighbour that is learned, and one that is removed ($family)', async ({ east }) => {
    expect(wayTo(state, east)).toBe('unresolved');
    network.ping(east);
    await untilWay(state, east, EAST);
    network.ip(`neigh del ${east} dev east`);
    await untilWay(state, east, 'unresolved');
  });

  it.each(FAMILIES)('another Ethernet address of a neighbour ($family)', async ({ east }) => {
    network.ping(east);
    await untilWay(state, east, EAST);
    network.peerIp('link set east address 02:00:00:00:01:ee');
    await untilWay(state, east, '0 02:00:00:00:01:ee 1500');
    network.peerIp('link set east address 02:00:00:00:01:01');
    await untilWay(state, east, EAST);
  });

  it.each(FAMILIES)('routes added, changed and removed ($family)', async ({ east, west, far, prefix }) => {
    network.ping(east);
    network.ping(west);
    await untilWay(state, west, WEST);
    expect(wayTo(state, far)).toBe('unreachable');
    network.ip(`route add ${prefix} via ${east}`);
    await untilWay(state, far, EAST);
    network.ip(`route replace ${prefix} via ${west}`);
    await untilWay(state, far, WEST);
    network.ip(`route replace ${prefix} via ${west} mtu 1400`);
    await untilWay(state, far, '1 02:00:00:00:01:02 1400');
    network.ip(`route replace blackhole ${prefix}`);
    await untilWay(state, far, 'kernel');
    network.ip(`route del ${prefix}`);
    await untilWay(state, far, 'unreachable');
  });

  it.each(FAMILIES)('a link that loses its carrier and gets it back ($family)', async ({ east, west, far, prefix }) => {
    network.ip(`route add ${prefix} metric 10 via ${west}`);
    network.ip(`route add ${prefix} metric 20 via ${east}`);
    network.ping(east);
    network.ping(west);
    await untilWay(state, far, WEST);
    network.peerIp('link set west down');
    await untilWay(state, far, EAST);
    expect(wayTo(state, west)).toBe('unreachable');
    network.peerIp('link set west up');
    await untilWay(state, west, 'unresolved');
    // The route is back; its gateway has to be resolved again.
    await untilWay(state, far, 'unresolved');
    network.ip(`route flush ${prefix}`);
  });

  it('a link that is switched off and on, which takes IPv4 routes with it that the kernel does not mention', async () => {
    await untilWay(state, '10.2.0.2', 'unresolved');
    network.ip('link set west down');
    await untilWay(state, '10.2.0.2', 'unreachable');
    network.ip('link set west up');
    await untilWay(state, '10.2.0.2', 'unresolved');
    await untilWay(state, 'fd02::2', 'unresolved');
  });

  it('MTU, Ethernet address and addresses of a link', async () => {
    const east = () => JSON.stringify(state.snapshot.links.find(({ name }) => name === 'east'));
    const until = (text: string) => untilNetwork(state, () => east().includes(text), east);
    network.ip('link set east mtu 1400');
    await until('"mtu":1400');
    network.ip('link set east mtu 1500 address 02:00:00:00:00:ee');
    await until('"mac":"02:00:00:00:00:ee"');
    await until('"mtu":1500');
    network.ip('link set east address 02:00:00:00:00:01');
    network.ip('address add 10.1.0.77/24 dev east');
    await until('"10.1.0.77/24"');
    expect(wayTo(state, '10.1.0.77')).toBe('kernel');
    network.ip('address del 10.1.0.77/24 dev east');
    await untilWay(state, '10.1.0.77', 'unresolved');
  });

  it('changes after `ip monitor` was killed', async () => {
    const { monitorPid } = state;
    const problem = once(state, 'problem');
    process.kill(monitorPid!, 'SIGKILL');
    network.ip('route add 10.51.0.0/16 dev east');
    expect(await problem).toMatchObject([{ code: 'LB_NET_MONITOR', message: expect.stringContaining('SIGKILL') }]);
    await untilWay(state, '10.51.0.1', 'unresolved');
    expect(state.monitorPid).not.toBe(monitorPid);
    network.ip('route del 10.51.0.0/16');
    await untilWay(state, '10.51.0.1', 'unreachable');
  });

  it('leaves no process behind', async () => {
    const { monitorPid } = state;
    expect(isRunning(monitorPid!)).toBe(true);
    await state.stop();
    expect(isRunning(monitorPid!)).toBe(false);
    expect(state.monitorPid).toBeUndefined();
  });

  it('ten thousand neighbours, that come and go in a few reads', { timeout: 60_000 }, async () => {
    const all = Array.from({ length: 10_000 }, (_, i) => `10.1.${(i >> 8) + 1}.${i & 255}`);
    let changes = 0;
    state.on('change', () => {
      changes += 1;
    });
    const mac = '02:00:00:00:02:02';
    const count = () => state.snapshot.neighbours.filter((neighbour) => neighbour.mac === mac).length;
    const until = (n: number) =>
      untilNetwork(
        state,
        () => count() === n,
        () => String(count()),
      );
    network.ipBatch(all.map((address) => `neigh add ${address} dev east lladdr ${mac} nud permanent`));
    await until(10_000);
    expect(toNetworkSpec(state.snapshot, BOUND).neighbours.length).toBeGreaterThanOrEqual(10_000);
    network.ipBatch(all.map((address) => `neigh del ${address} dev east`));
    await until(0);
    expect(changes).toBeLessThan(30);
  });
});

describeAsRoot('NetworkState without a network', () => {
  it('names a namespace that does not exist', async () => {
    await expect(new NetworkState({ netns: 'no-such-namespace' }).start()).rejects.toMatchObject({
      code: 'LB_NET_IP_FAILED',
      message: expect.stringContaining('no-such-namespace'),
    });
  });

  it('keeps what it knows when reading fails, says so once, and goes on', async () => {
    const network = new TestNetwork();
    const state = new NetworkState({ netns: network.here, fullReadMs: 20, collectMs: 1 });
    await state.start();
    const before = state.snapshot;
    const problems: string[] = [];
    const two = new Promise<void>((resolve) => {
      state.on('problem', ({ code, message }) => {
        problems.push(message);
        if (code === 'LB_NET_IP_FAILED') resolve();
      });
    });
    network.close();
    await two;
    expect(state.snapshot).toBe(before);
    expect(new Set(problems).size).toBe(problems.length);
    await state.stop();
  });
});
