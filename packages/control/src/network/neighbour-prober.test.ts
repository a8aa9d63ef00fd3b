import { once } from 'node:events';
import { parseAddress } from '@lb/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeAsRoot, TestNetwork } from './namespaces.testkit.js';
import { NeighbourProber } from './neighbour-prober.js';
import { NetworkState } from './network-state.js';
import { Solicitor } from './solicitor.js';
import { BOUND, untilNetwork, untilWay, wayTo } from './wait-network.testkit.js';

const EAST = '0 02:00:00:00:01:01 1500';
const WEST = '1 02:00:00:00:01:02 1500';
const MOVED = '0 02:00:00:00:01:ee 1500';
const FAMILIES = [
  { family: 'IPv4', east: '10.1.0.2', west: '10.2.0.2', late: '10.1.0.7', far: '10.50.0.1', prefix: '10.50.0.0/16' },
  { family: 'IPv6', east: 'fd01::2', west: 'fd02::2', late: 'fd01::7', far: 'fd50::1', prefix: 'fd50::/32' },
];

describeAsRoot('NeighbourProber', () => {
  let network: TestNetwork;
  let state: NetworkState;
  let prober: NeighbourProber;

  beforeAll(() => {
    network = new TestNetwork();
    for (const family of ['ipv4', 'ipv6']) {
      const east = `net.${family}.neigh.east`;
      // So that the kernel gives up, and finds that a neighbour has gone, in tenths of seconds.
      network.sysctl(
        network.here,
        ...[`${east}.retrans_time_ms=100`, `${east}.delay_first_probe_time=1`, `${east}.base_reachable_time_ms=500`],
      );
    }
  });
  afterAll(() => {
    network.close();
  });
  beforeEach(async () => {
    network.forgetNeighbours();
    state = new NetworkState({ netns: network.here });
    prober = new NeighbourProber(state, BOUND, { netns: network.here });
    await state.start();
  });
  afterEach(async () => {
    await prober.stop();
    await state.stop();
  });

  it.each(FAMILIES)('has servers and gateways resolved ($family)', async ({ east, west, far, prefix }) => {
    network.ip(`route add ${prefix} via ${west}`);
    await untilWay(state, far, 'unresolved');
    prober.setAddresses([parseAddress(east)]);
    prober.start();
    await untilWay(state, east, EAST);
    await untilWay(state, far, WEST);
    network.ip(`route del ${prefix}`);
  });

  it.each(FAMILIES)(
    'finds a server that comes later, without being told ($family)',
    { timeout: 60_000 },
    async ({ late }) => {
      prober.start();
      prober.setAddresses([parseAddress(late)]);
      const stateOf = () => state.snapshot.neighbours.find(({ address }) => address === late)?.state ?? 'NONE';
      await untilNetwork(state, () => stateOf() === 'FAILED', stateOf);
      network.peerIp(`address add ${late}/${late.includes(':') ? 64 : 24} dev east`);
      await untilWay(state, late, EAST);
    },
  );

  it.each(FAMILIES)('notices that a server has silently moved ($family)', { timeout: 60_000 }, async ({ east }) => {
    network.sysctl(network.peer, 'net.ipv4.conf.east.arp_notify=0', 'net.ipv6.conf.east.ndisc_notify=0');
    prober.setAddresses([parseAddress(east)]);
    prober.start();
    await untilWay(state, east, EAST);
    network.peerIp('link set east address 02:00:00:00:01:ee');
    expect(wayTo(state, east)).toBe(EAST);
    await untilWay(state, east, MOVED);
    network.peerIp('link set east address 02:00:00:00:01:01');
  });

  it('goes over to another gateway when one does not answer', async () => {
    network.ip('route add 10.50.0.0/16 nexthop via 10.1.0.9 dev east nexthop via 10.2.0.2 dev west');
    await untilWay(state, '10.50.0.1', 'unresolved');
    prober.start();
    await untilWay(state, '10.50.0.1', WEST);
    network.ip('route del 10.50.0.0/16');
  });

  it('asks the kernel nothing for what it need not send', async () => {
    const silent = ['10.1.0.1', '192.0.2.1', '10.3.0.1', '::1'].map(parseAddress);
    prober.setAddresses([...silent, parseAddress('10.1.0.2')]);
    prober.start();
    await untilWay(state, '10.1.0.2', EAST);
    const asked = state.snapshot.neighbours.filter(({ state: nud }) => nud !== 'NOARP').map(({ address }) => address);
    expect(asked).toEqual(['10.1.0.2']);
  });

  it('leaves alone what an operator has set, also where it does not know of it yet', async () => {
    const [address, device] = ['10.1.0.66', 'east'];
    network.ip(`neigh replace ${address} lladdr 02:00:00:00:01:66 dev ${device} nud permanent`);
    await new Solicitor({ netns: network.here }).solicit([{ address, device, state: 'FAILED' }]);
    network.ping('10.1.0.2');
    await untilWay(state, '10.1.0.2', EAST);
    const entry = state.snapshot.neighbours.find((neighbour) => neighbour.address === address);
    expect(entry).toMatchObject({ state: 'PERMANENT', mac: '02:00:00:00:01:66' });
    network.ip(`neigh del ${address} dev ${device}`);
  });

  it('says what went wrong', async () => {
    const lost = new NeighbourProber(state, BOUND, { netns: 'no-such-namespace' });
    const problem = once(lost, 'problem');
    lost.setAddresses([parseAddress('10.1.0.2')]);
    lost.start();
    expect(await problem).toMatchObject([{ code: 'LB_NET_IP_FAILED' }]);
    await lost.stop();
  });
});
