import { parseAddress, parsePrefix } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { networkEquals } from './equals.js';
import type { NetworkSpec } from './spec.js';

/** A fresh copy each time: equality must not be identity. */
function network(): NetworkSpec {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
  return {
    interfaces: [{ name: 'east', queue: 0, mac, mtu: 1500, addresses: [parseAddress('10.1.0.1')] }],
    neighbours: [{ address: parseAddress('10.1.0.2'), mac, queue: 0 }],
    routes: [
      { prefix: parsePrefix('10.1.0.0/24'), queue: 0 },
      { prefix: parsePrefix('::/0'), queue: 0, gateway: parseAddress('fe80::1'), mtu: 1400 },
    ],
  };
}

const [east] = network().interfaces;
const [neighbour] = network().neighbours;
const [link, far] = network().routes;
const mac = Uint8Array.of(2, 0, 0, 0, 0, 2);

const different: Record<string, Partial<NetworkSpec>> = {
  'the MAC of an interface': { interfaces: [{ ...east, mac }] },
  'its MTU': { interfaces: [{ ...east, mtu: 1400 }] },
  'its addresses': { interfaces: [{ ...east, addresses: [] }] },
  'its queue': { interfaces: [{ ...east, queue: 1 }] },
  'its name': { interfaces: [{ ...east, name: 'west' }] },
  'the number of interfaces': { interfaces: [] },
  'the MAC of a neighbour': { neighbours: [{ ...neighbour, mac }] },
  'its address': { neighbours: [{ ...neighbour, address: parseAddress('10.1.0.3') }] },
  'its interface': { neighbours: [{ ...neighbour, queue: 1 }] },
  'the prefix of a route': { routes: [{ ...link, prefix: parsePrefix('10.1.0.0/25') }, far] },
  'the queue of a route': { routes: [{ ...link, queue: -1 }, far] },
  'a new gateway': { routes: [{ ...link, gateway: parseAddress('10.1.0.2') }, far] },
  'another gateway': { routes: [link, { ...far, gateway: parseAddress('fe80::2') }] },
  'the MTU of a route': { routes: [link, { ...far, mtu: 1300 }] },
};

describe('networkEquals', () => {
  it('takes equal content for equal', () => {
    expect(networkEquals(network(), network())).toBe(true);
  });

  it.each(Object.keys(different))('notices %s', (what) => {
    expect(networkEquals(network(), { ...network(), ...different[what] })).toBe(false);
    expect(networkEquals({ ...network(), ...different[what] }, network())).toBe(false);
  });
});
