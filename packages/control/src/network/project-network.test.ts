import { formatAddress, formatPrefix, parseAddress } from '@lb/core';
import { type NetworkSpec, networkEquals, resolve } from '@lb/dataplane';
import { describe, expect, it } from 'vitest';
import { hostAddresses, toNetworkSpec } from './project-network.js';
import { recordedSnapshot } from './recordings.testkit.js';
import type { KernelNeighbour, KernelRoute, NetworkSnapshot } from './snapshot.js';

const BOUND = [
  { name: 'west', queue: 1 },
  { name: 'east', queue: 0 },
];
const allUp = recordedSnapshot('all-up');
const noCarrier = recordedSnapshot('west-no-carrier');

/** Routes as short texts: `prefix > queue via gateway mtu`. */
function routeTexts(spec: NetworkSpec): string[] {
  return spec.routes.map(({ prefix, queue, gateway, mtu }) =>
    [
      `${formatPrefix(prefix)} > ${queue}`,
      ...(gateway === undefined ? [] : [`via ${formatAddress(gateway)}`]),
      ...(mtu === undefined ? [] : [`mtu ${mtu}`]),
    ].join(' '),
  );
}

/** A snapshot with other routes and neighbours. */
function snapshotWith(routes: readonly KernelRoute[], neighbours: readonly KernelNeighbour[] = []): NetworkSnapshot {
  return { links: allUp.links, routes, neighbours };
}

const hop = { dead: false, kernelOnly: false };
const unicast = { prefix: '10.9.0.0/16', type: 'unicast', metric: 0, preference: 1 };

describe('toNetworkSpec', () => {
  const spec = toNetworkSpec(allUp, BOUND);

  it('has the bound interfaces, by queue', () => {
    expect(spec.interfaces).toEqual([
      {
        name: 'east',
        queue: 0,
        mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
        mtu: 1500,
        addresses: ['10.1.0.1', 'fd01::1', 'fe80::ff:fe00:1'].map(parseAddress),
      },
      {
        name: 'west',
        queue: 1,
        mac: Uint8Array.of(2, 0, 0, 0, 0, 2),
        mtu: 9000,
        addresses: ['10.2.0.1', 'fd02::1', 'fe80::ff:fe00:2'].map(parseAddress),
      },
    ]);
  });

  it('knows an interface by its alternative name, and not those that are missing or have no Ethernet address', () => {
    const bound = ['enp0s1', 'no-such', 'lo'].map((name, queue) => ({ name, queue }));
    expect(toNetworkSpec(allUp, bound).interfaces).toMatchObject([{ name: 'east', queue: 0 }]);
  });

  it('has usable neighbours on bound interfaces only', () => {
    const texts = spec.neighbours.map(
      ({ address, mac, queue }) => `${queue} ${formatAddress(address)} ${mac.join('.')}`,
    );
    expect(texts.sort()).toEqual([
      '0 10.1.0.2 2.0.0.0.1.1',
      '0 10.1.0.3 2.0.0.0.1.1',
      '0 10.1.0.50 2.0.0.0.0.80',
      '0 10.1.0.51 2.0.0.0.0.81',
      '0 10.1.0.52 2.0.0.0.0.82',
      '0 fd01::2 2.0.0.0.1.1',
      '1 fd02::52 2.0.0.0.0.83',
      '1 fd02::54 2.0.0.0.0.84',
      '1 fe80::2 2.0.0.0.1.2',
    ]);
  });

  it.each(['FAILED', 'INCOMPLETE', 'NONE'])(
    'leaves out a neighbour that is %s though its old MAC is there',
    (state) => {
      const neighbour = { address: '10.1.0.9', device: 'east', mac: '02:00:00:00:00:09' };
      const count = (entry: KernelNeighbour) => toNetworkSpec(snapshotWith([], [entry]), BOUND).neighbours.length;
      expect(count({ ...neighbour, state })).toBe(0);
      expect(count({ ...neighbour, state: 'DELAY' })).toBe(1);
      expect(count({ ...neighbour, mac: '00:00:00:00:00:00', state: 'REACHABLE' })).toBe(0);
      expect(count({ ...neighbour, mac: '10.0.0.1', state: 'REACHABLE' })).toBe(0);
    },
  );

  it('has routes as the kernel would take them', () => {
    expect(routeTexts(spec)).toEqual([
      '::1/128 > -1',
      '10.1.0.1/32 > -1',
      '10.2.0.1/32 > -1',
      '10.3.0.1/32 > -1',
      '127.0.0.1/32 > -1',
      '192.0.2.1/32 > -1',
      'fd01::1/128 > -1',
      'fd02::1/128 > -1',
      'fd03::1/128 > -1',
      '127.0.0.0/8 > -1',
      '0.0.0.0/0 > 0 via 10.1.0.2',
      '10.1.0.0/24 > 0',
      '10.2.0.0/24 > 1',
      '10.3.0.0/24 > -1',
      '10.20.0.0/16 > 0 via 10.1.0.2',
      '10.21.0.0/16 > 1 via fd02::2',
      '10.22.0.0/16 > -1',
      '10.23.0.0/16 > -1',
      '10.24.0.0/16 > -1',
      '10.25.0.0/16 > -1',
      '10.26.0.0/16 > 1 via 10.2.0.2 mtu 1300',
      '10.27.0.0/24 > 1 via 172.16.0.1',
      '10.28.0.0/16 > 0 via 10.1.0.2',
      '10.29.0.0/16 > 0 via 10.1.0.2',
      '10.30.0.0/16 > -1',
      '10.31.0.0/16 > -1',
      '10.33.0.0/16 > -1',
      '10.34.0.0/16 > -1',
      '10.35.0.7/32 > 0 via 10.1.0.3',
      'fd01::/64 > 0',
      'fd02::/64 > 1',
      'fd03::/64 > -1',
      'fd20::/32 > 0 via fd01::2',
      'fd22::/32 > -1',
      'fd23::/32 > -1',
      'fd26::/32 > 1 via fe80::2',
      'fd33::/32 > -1',
      '::/0 > 0 via fd01::2',
    ]);
  });

  it('takes everything for unbound when nothing is bound', () => {
    const none = toNetworkSpec(allUp, []);
    expect(none.interfaces).toEqual([]);
    expect(none.neighbours).toEqual([]);
    expect(none.routes.every(({ queue }) => queue === -1)).toBe(true);
    expect(resolve(none, parseAddress('10.1.0.2'))).toEqual({ kind: 'kernel' });
  });

  it('forgets routes and neighbours of a link without carrier; the next best routes count', () => {
    const down = toNetworkSpec(noCarrier, BOUND);
    expect(down.interfaces).toMatchObject([{ name: 'east' }, { name: 'west', mtu: 9000 }]);
    expect(down.neighbours.every(({ queue }) => queue === 0)).toBe(true);
    const texts = routeTexts(down);
    expect(texts.filter((text) => text.includes('> 1'))).toEqual([]);
    expect(texts).toContain('10.20.0.0/16 > 0 via 10.1.0.2');
    expect(texts).toContain('10.26.0.0/16 > 0 via 10.1.0.2 mtu 1400');
    expect(texts).toContain('fd26::/32 > 0 via fd01::2');
    expect(texts.some((text) => text.startsWith('10.2.0.0/24'))).toBe(false);
    expect(resolve(down, parseAddress('10.2.0.2'))).toMatchObject({ kind: 'queue', via: parseAddress('10.1.0.2') });
  });

  it('keeps the routes of a link that is held where no other served interface leads', () => {
    const held = {
      ...noCarrier,
      links: noCarrier.links.map((link) => (link.up ? link : { ...link, held: true as const })),
    };
    const byWest = (bound: typeof BOUND) =>
      routeTexts(toNetworkSpec(held, bound)).filter((text) => text.includes('> 1'));
    // The default route leads by east.
    expect(byWest(BOUND)).toEqual([]);
    expect(byWest([{ name: 'west', queue: 1 }])).toContain('10.2.0.0/24 > 1');
    // The kernel refuses what goes by a link without carrier if it is told to.
    const dead = held.routes.map((route) => ({
      ...route,
      hops: route.hops.map(({ noCarrier, ...hop }) => hop),
    }));
    const texts = routeTexts(toNetworkSpec({ ...held, routes: dead }, [{ name: 'west', queue: 1 }]));
    expect(texts.filter((text) => text.includes('> 1'))).toEqual([]);
  });

  it('believes a link that is down, not a route that has not been read again since', () => {
    const links = noCarrier.links;
    const texts = routeTexts(toNetworkSpec({ ...allUp, links }, BOUND));
    expect(texts.filter((text) => text.includes('> 1'))).toEqual([]);
  });

  it('keeps the host’s own addresses with the kernel', () => {
    for (const own of ['10.1.0.1', '10.3.0.1', '192.0.2.1', '127.0.0.9', '::1', 'fd01::1']) {
      expect(resolve(spec, parseAddress(own)), own).toEqual({ kind: 'kernel' });
    }
  });

  it('is the same for the same snapshot, whatever order the interfaces are named in', () => {
    expect(networkEquals(spec, toNetworkSpec(recordedSnapshot('all-up'), [...BOUND].reverse()))).toBe(true);
    expect(networkEquals(spec, toNetworkSpec(noCarrier, BOUND))).toBe(false);
  });
});

describe('the choice among several hops', () => {
  const east = { ...hop, device: 'east', gateway: '10.1.0.2' };
  const west = { ...hop, device: 'west', gateway: '10.2.0.2' };
  const plain = { ...hop, device: 'plain', gateway: '10.3.0.2' };
  const known = (of: typeof east, state: string) => ({
    address: of.gateway,
    device: of.device,
    state,
    ...(state === 'FAILED' ? {} : { mac: '02:00:00:00:00:09' }),
  });
  const chosen = (neighbours: readonly KernelNeighbour[], ...hops: (typeof east)[]) =>
    routeTexts(toNetworkSpec(snapshotWith([{ ...unicast, hops }], neighbours), BOUND)).at(-1);
  const EAST = '10.9.0.0/16 > 0 via 10.1.0.2';
  const WEST = '10.9.0.0/16 > 1 via 10.2.0.2';

  it('takes the first as long as none is known to be better', () => {
    expect(chosen([], east, west)).toBe(EAST);
    expect(chosen([known(east, 'STALE'), known(west, 'REACHABLE')], east, west)).toBe(EAST);
    expect(chosen([known(east, 'FAILED'), known(west, 'FAILED')], east, west)).toBe(EAST);
  });

  it('takes another when the first does not answer, and stays with one that does', () => {
    expect(chosen([known(east, 'FAILED')], east, west)).toBe(WEST);
    expect(chosen([known(east, 'FAILED'), known(west, 'REACHABLE')], east, west)).toBe(WEST);
    expect(chosen([known(west, 'REACHABLE')], east, west)).toBe(WEST);
    expect(chosen([known(east, 'FAILED')], east, plain)).toBe('10.9.0.0/16 > -1');
  });

  it('takes one whose address is known before one whose address was known', () => {
    expect(chosen([known(east, 'KEPT'), known(west, 'REACHABLE')], east, west)).toBe(WEST);
    expect(chosen([known(west, 'KEPT')], east, west)).toBe(WEST);
  });

  it('never takes a dead one', () => {
    expect(chosen([known(east, 'REACHABLE')], { ...east, dead: true }, west)).toBe(WEST);
    expect(chosen([], { ...east, dead: true }, { ...west, dead: true })).not.toContain('10.9.0.0');
  });

  it('leaves to the kernel a hop that only it can take, or whose gateway cannot be read', () => {
    expect(chosen([], { ...east, kernelOnly: true })).toBe('10.9.0.0/16 > -1');
    expect(chosen([], { ...east, gateway: 'elsewhere' })).toBe('10.9.0.0/16 > -1');
  });

  it('goes by metric, then by router preference', () => {
    const texts = (...routes: KernelRoute[]) => routeTexts(toNetworkSpec(snapshotWith(routes), BOUND)).at(-1);
    const byEast = { ...unicast, hops: [east] };
    const byWest = { ...unicast, hops: [west] };
    expect(texts({ ...byEast, metric: 20 }, { ...byWest, metric: 10 })).toBe(WEST);
    expect(texts({ ...byEast, preference: 2 }, { ...byWest, preference: 0 })).toBe(WEST);
    expect(texts({ ...byEast, hops: [{ ...east, dead: true }] }, { ...byWest, metric: 10 })).toBe(WEST);
    const refused = { ...unicast, type: 'blackhole', hops: [] };
    expect(texts({ ...byEast, metric: 20 }, { ...refused, metric: 10 })).toBe('10.9.0.0/16 > -1');
    expect(texts({ ...byEast, metric: 10 }, { ...refused, metric: 20 })).toBe(EAST);
  });
});

describe('hostAddresses', () => {
  it('has those of all links, each once', () => {
    expect(hostAddresses(allUp).map(formatAddress).sort()).toEqual(
      [
        ...['10.1.0.1', '10.2.0.1', '10.3.0.1', '127.0.0.1', '192.0.2.1', '::1', 'fd01::1', 'fd02::1', 'fd03::1'],
        ...['fe80::ff:fe00:1', 'fe80::ff:fe00:2', 'fe80::ff:fe00:3'],
      ].sort(),
    );
    const [lo] = allUp.links;
    expect(hostAddresses({ ...allUp, links: [lo, { ...lo, name: 'lo2' }] })).toHaveLength(3);
  });
});
