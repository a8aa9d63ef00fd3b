import { parseAddress, parsePrefix } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { Resolver, resolve } from './resolve.js';
import type { NetworkSpec } from './spec.js';

const mac = (last: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, last);
const address = parseAddress;

const network: NetworkSpec = {
  interfaces: [
    { name: 'east', queue: 0, mac: mac(0xe0), mtu: 1500, addresses: [address('10.1.0.1')] },
    { name: 'west', queue: 1, mac: mac(0xe1), mtu: 9000, addresses: [address('fd01::1')] },
  ],
  neighbours: [
    { address: address('10.1.0.2'), mac: mac(2), queue: 0 },
    { address: address('10.1.0.254'), mac: mac(254), queue: 0 },
    { address: address('fe80::1'), mac: mac(10), queue: 0 },
    { address: address('fe80::1'), mac: mac(11), queue: 1 },
    { address: address('fd01::2'), mac: mac(12), queue: 1 },
  ],
  routes: [
    { prefix: parsePrefix('10.1.0.1/32'), queue: -1 },
    { prefix: parsePrefix('10.1.0.0/24'), queue: 0 },
    { prefix: parsePrefix('10.2.0.0/16'), queue: 0, gateway: address('10.1.0.254'), mtu: 1400 },
    { prefix: parsePrefix('10.2.0.0/16'), queue: 1, gateway: address('fd01::2') },
    { prefix: parsePrefix('10.3.0.0/16'), queue: 1, gateway: address('fd01::2'), mtu: 65535 },
    { prefix: parsePrefix('10.4.0.0/16'), queue: 0, gateway: address('10.1.0.99') },
    { prefix: parsePrefix('10.5.0.0/16'), queue: -1 },
    { prefix: parsePrefix('10.6.0.0/16'), queue: 7 },
    { prefix: parsePrefix('fd01::/64'), queue: 1 },
    { prefix: parsePrefix('fd02::/64'), queue: 0, gateway: address('fe80::1') },
    { prefix: parsePrefix('fd03::/64'), queue: 1, gateway: address('fe80::1') },
    { prefix: parsePrefix('::/0'), queue: -1 },
  ],
};

describe('resolve', () => {
  it('leads to a neighbour on the link', () => {
    expect(resolve(network, address('10.1.0.2'))).toEqual({
      kind: 'queue',
      queue: 0,
      mac: mac(2),
      sourceMac: mac(0xe0),
      mtu: 1500,
      via: address('10.1.0.2'),
    });
    expect(resolve(network, address('fd01::2'))).toMatchObject({ kind: 'queue', queue: 1, mac: mac(12), mtu: 9000 });
  });

  it('leads to a gateway, with the smaller MTU of route and interface', () => {
    const via = address('10.1.0.254');
    expect(resolve(network, address('10.2.9.9'))).toMatchObject({ kind: 'queue', mac: mac(254), mtu: 1400, via });
    expect(resolve(network, address('10.3.9.9'))).toMatchObject({ kind: 'queue', mac: mac(12), mtu: 9000 });
  });

  it('tells the same link-local gateway on two links apart', () => {
    expect(resolve(network, address('fd02::5'))).toMatchObject({ queue: 0, mac: mac(10), sourceMac: mac(0xe0) });
    expect(resolve(network, address('fd03::5'))).toMatchObject({ queue: 1, mac: mac(11), sourceMac: mac(0xe1) });
  });

  it('names the neighbour whose Ethernet address is missing', () => {
    expect(resolve(network, address('10.1.0.7'))).toEqual({ kind: 'unresolved', queue: 0, via: address('10.1.0.7') });
    expect(resolve(network, address('10.4.0.1'))).toEqual({ kind: 'unresolved', queue: 0, via: address('10.1.0.99') });
    // A neighbour of that address on another interface is another machine.
    expect(resolve(network, address('10.1.0.3'))).toMatchObject({ kind: 'unresolved', queue: 0 });
  });

  it('leaves to the kernel what leaves by an unbound interface, the host itself and queues that do not exist', () => {
    for (const text of ['10.5.0.1', '10.1.0.1', '10.6.0.1', '2001:db8::1']) {
      expect(resolve(network, address(text)), text).toEqual({ kind: 'kernel' });
    }
  });

  it('knows when no route leads there; a family never uses routes of the other', () => {
    expect(resolve(network, address('192.0.2.1'))).toEqual({ kind: 'unreachable' });
    expect(resolve({ interfaces: [], neighbours: [], routes: [] }, address('::'))).toEqual({ kind: 'unreachable' });
  });

  it('tells the route it went by', () => {
    expect(new Resolver(network).route(address('10.2.0.1'))).toBe(network.routes[2]);
  });
});
