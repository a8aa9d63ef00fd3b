import { parsePrefix } from '@lb/core';
import { expect, it } from 'vitest';
import { gatewaysOf } from './host.js';
import { tapLines, tapSettings } from './host-plan.js';

const VIPS = ['90.1.2.1', '90.0.0.0/8', '2004::5', '2004::/16'].map(parsePrefix);

it('makes host prefixes addresses, and shorter ones local routes', () => {
  expect(tapLines('tap0', 1500, VIPS)).toEqual([
    'link set dev tap0 mtu 1500 arp off up',
    'address add 90.1.2.1/32 dev tap0 scope host',
    'route add local 90.0.0.0/8 dev tap0 table local',
    'address add 2004::5/128 dev tap0 nodad preferred_lft 0',
    'route add local 2004::/16 dev tap0 table local',
  ]);
  expect(tapLines('tap0', 576, [])).toEqual(['link set dev tap0 mtu 1280 arp off up']);
});

it('changes settings of the TAP only, those of IPv6 when there is an IPv6 VIP', () => {
  expect(tapSettings('tap0', VIPS.slice(0, 2))).toEqual([{ path: 'ipv4/conf/tap0/rp_filter', value: 2 }]);
  expect(tapSettings('tap0', VIPS).map(({ path }) => path)).toEqual([
    'ipv4/conf/tap0/rp_filter',
    'ipv6/conf/tap0/addr_gen_mode',
    'ipv6/conf/tap0/accept_ra',
    'ipv6/conf/tap0/disable_ipv6',
  ]);
});

// As printed by iproute2 6.1.
it('reads gateways, those of several next hops too', () => {
  const json =
    '[{"dst":"default","gateway":"10.0.0.254","dev":"eth0","flags":[]},{"dst":"192.0.2.0/24","flags":[],"nexthops":[{"gateway":"10.0.0.1","dev":"eth0","weight":1,"flags":[]},{"dev":"eth1","weight":1,"flags":[]}]},{"dst":"10.0.0.0/24","dev":"eth0","protocol":"kernel","scope":"link","prefsrc":"10.0.0.7","flags":[]}]';
  expect(gatewaysOf(json).map(({ bytes }) => [...bytes])).toEqual([
    [10, 0, 0, 254],
    [10, 0, 0, 1],
  ]);
  expect(gatewaysOf('')).toEqual([]);
  expect(gatewaysOf('[ ]\n')).toEqual([]);
});
