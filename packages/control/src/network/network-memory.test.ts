import { parseAddress } from '@lb/core';
import { networkEquals, resolve } from '@lb/dataplane';
import { describe, expect, it } from 'vitest';
import { NetworkMemory } from './network-memory.js';
import { toNetworkSpec } from './project-network.js';
import { recordedSnapshot } from './recordings.testkit.js';
import type { Link, NetworkSnapshot } from './snapshot.js';

const BOUND = [
  { name: 'east', queue: 0 },
  { name: 'west', queue: 1 },
];
const server = '10.2.0.52';
const SERVER = '02:00:00:00:00:83';
const recorded = recordedSnapshot('all-up');
const inUse = { address: server, device: 'west', mac: SERVER, state: 'REACHABLE' };
/** Only what goes by west, where there is one server. */
const up: NetworkSnapshot = {
  links: recorded.links,
  routes: recorded.routes.filter(({ prefix }) => prefix === '10.2.0.0/24'),
  neighbours: [inUse],
};
const noCarrier = withoutNeighbours(changed(up, { up: false }));

function changed(snapshot: NetworkSnapshot, how: Partial<Link>): NetworkSnapshot {
  return { ...snapshot, links: snapshot.links.map((link) => (link.name === 'west' ? { ...link, ...how } : link)) };
}

function withoutNeighbours(snapshot: NetworkSnapshot): NetworkSnapshot {
  return { ...snapshot, neighbours: [] };
}

function inState(state: string, snapshot = up): NetworkSnapshot {
  return { ...snapshot, neighbours: [{ address: server, device: 'west', state }] };
}

/** How packets to the server go after the last of several moments, in milliseconds. */
function wayAfter(...moments: (readonly [ms: number, snapshot: NetworkSnapshot])[]): string {
  const memory = new NetworkMemory();
  let now = up;
  for (const [ms, snapshot] of moments) now = memory.follow(snapshot, ms);
  const way = resolve(toNetworkSpec(now, BOUND), parseAddress(server));
  if (way.kind !== 'queue') return way.kind;
  return Array.from(way.mac, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

describe('NetworkMemory', () => {
  it('has nothing to add to what the kernel knows', () => {
    expect(new NetworkMemory().follow(recorded, 0)).toBe(recorded);
  });

  it('leaves the network as it was while a link is without a carrier for a moment, and afterwards', () => {
    const memory = new NetworkMemory();
    const [before, ...later] = [up, noCarrier, withoutNeighbours(up), inState('INCOMPLETE'), up].map((snapshot, i) =>
      toNetworkSpec(memory.follow(snapshot, i * 100), BOUND),
    );
    expect(later.map((network) => networkEquals(before!, network))).toEqual([true, true, true, true]);
    expect(resolve(before!, parseAddress(server)).kind).toBe('queue');
  });

  it.each(['NONE', 'INCOMPLETE', 'gone'])('uses the address of before while the neighbour is %s', (state) => {
    const asked = state === 'gone' ? withoutNeighbours(up) : inState(state);
    expect(wayAfter([0, up], [10, noCarrier], [500, asked])).toBe(SERVER);
    expect(wayAfter([0, up], [500, asked])).toBe(SERVER);
    expect(wayAfter([500, asked])).toBe('unresolved');
  });

  it('believes the kernel as soon as it has an answer', () => {
    const other = '02:00:00:00:00:99';
    const answered = { ...up, neighbours: [{ ...inUse, mac: other }] };
    expect(wayAfter([0, up], [10, noCarrier], [500, inState('INCOMPLETE')], [600, answered])).toBe(other);
    expect(wayAfter([0, up], [10, noCarrier], [500, inState('INCOMPLETE')], [3000, inState('FAILED')])).toBe(
      'unresolved',
    );
    const askedAgain = [3100, inState('INCOMPLETE')] as const;
    expect(wayAfter([0, up], [10, noCarrier], [3000, inState('FAILED')], askedAgain)).toBe('unresolved');
  });

  it('does not believe what the kernel found while nobody could answer', () => {
    const failed = inState('FAILED', noCarrier);
    expect(wayAfter([0, up], [10, noCarrier], [4000, failed], [4100, inState('FAILED')])).toBe(SERVER);
    const asked = [4200, inState('INCOMPLETE')] as const;
    expect(wayAfter([0, up], [4000, failed], [4100, inState('FAILED')], asked)).toBe(SERVER);
    expect(wayAfter([0, up], [4000, failed], [4100, inState('FAILED')], asked, [7200, inState('FAILED')])).toBe(
      'unresolved',
    );
  });

  it('forgets in time, and says when', () => {
    const memory = new NetworkMemory();
    memory.follow(up, 0);
    expect(memory.nextChangeMs).toBe(Number.POSITIVE_INFINITY);
    memory.follow(noCarrier, 10);
    expect(memory.nextChangeMs).toBe(60_000);
    memory.follow(inState('INCOMPLETE'), 500);
    expect(memory.nextChangeMs).toBe(5_500);
    expect(wayAfter([0, up], [500, inState('INCOMPLETE')], [5_499, inState('INCOMPLETE')])).toBe(SERVER);
    expect(wayAfter([0, up], [500, inState('INCOMPLETE')], [5_500, inState('INCOMPLETE')])).toBe('unresolved');
    expect(wayAfter([0, up], [10, noCarrier], [59_999, noCarrier])).toBe(SERVER);
    expect(wayAfter([0, up], [10, noCarrier], [60_000, noCarrier])).toBe('unreachable');
    expect(wayAfter([0, up], [10, noCarrier], [60_000, noCarrier], [60_010, withoutNeighbours(up)])).toBe('unresolved');
  });

  it.each([
    ['is switched off', { up: false, enabled: false }],
    ['is another one of its name', { index: 99 }],
    ['has another Ethernet address', { mac: '02:00:00:00:00:77' }],
    ['is in another subnet', { addresses: ['10.7.0.1/24'] }],
  ] as const)('knows nothing more when the link %s', (_, how) => {
    const other = changed(withoutNeighbours(up), how);
    expect(wayAfter([0, up], [10, other], [20, withoutNeighbours(up)])).toBe('unresolved');
    expect(wayAfter([0, up], [10, noCarrier], [20, other])).toMatch(/^un(reachable|resolved)$/);
  });

  it.each(['PERMANENT', 'NOARP'])('does not use a %s neighbour that an operator has removed', (state) => {
    const set = { ...up, neighbours: [{ ...inUse, state }] };
    expect(wayAfter([0, set], [10, withoutNeighbours(up)])).toBe('unresolved');
  });

  it('does not use a neighbour outside of the subnets of its link', () => {
    const far = { ...up, neighbours: [{ ...inUse, address: '172.16.0.1' }] };
    const memory = new NetworkMemory();
    memory.follow(far, 0);
    expect(memory.follow(withoutNeighbours(up), 10).neighbours).toEqual([]);
  });
});
