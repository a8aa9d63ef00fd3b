import { expect, it } from 'vitest';
import { guardedByOthers } from './other-daemons.js';

const set = (table: string, name: string, elem?: unknown) => ({
  set: { family: 'inet', name, table, type: 'ifname', elem },
});
const listed = {
  nftables: [
    { metainfo: { version: '1.0.6' } },
    set('lb_serve_10', 'interfaces', ['eth0', 'eth1']),
    set('lb_serve_10', 'ports', [['tcp', 80]]),
    set('lb_serve_11', 'interfaces', ['eth2']),
    set('lb_serve_12', 'interfaces', ['eth3']),
    set('lb_serve_13', 'interfaces'),
    set('other', 'interfaces', ['eth4']),
  ],
};

it('are those whose rules name an interface, and who live', () => {
  const found = guardedByOthers(listed, 11, (pid) => pid !== 12);
  expect([...found]).toEqual([
    ['eth0', 10],
    ['eth1', 10],
  ]);
});

it.each([undefined, null, {}, { nftables: [] }, { nftables: [{}] }])('are none in %o', (nothing) => {
  expect(guardedByOthers(nothing, 1, () => true).size).toBe(0);
});
