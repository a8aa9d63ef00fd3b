import { applyCommands, emptyConfig, parseCommands } from '@lb/control';
import { parseAddress, parsePrefix } from '@lb/core';
import type { NetworkSpec } from '@lb/dataplane';
import { expect, it } from 'vitest';
import type { Interfaces } from './interfaces.js';
import { liveWarnings } from './live-warnings.js';

const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, last);

function network(mtu: number): NetworkSpec {
  return {
    interfaces: [
      { name: 'eth0', queue: 0, mac: mac(1), mtu: 1500, addresses: [] },
      { name: 'eth1', queue: 1, mac: mac(2), mtu, addresses: [] },
    ],
    neighbours: [{ address: parseAddress('10.0.0.1'), mac: mac(9), queue: 1 }],
    routes: [{ prefix: parsePrefix('10.0.0.0/24'), queue: 1 }],
  };
}

function warningsOf(lines: readonly string[], mtu = 1500, mssClamp?: number) {
  const { config } = applyCommands(emptyConfig(), parseCommands(lines.join('\n')));
  const vips = config.vips.map((vip) => ({ ...vip, ...(mssClamp !== undefined && { mssClamp }) }));
  const names = ['eth0', 'eth1'];
  const interfaces = {
    list: names.map((name) => ({ name })),
    find: (name: string) => (names.includes(name) ? {} : undefined),
  } as unknown as Interfaces;
  return liveWarnings({ ...config, vips }, interfaces, network(mtu));
}

const GRE = ['lb vip 90.0.0.0/8 encap gre4', 'lb as 90.0.0.0/8 10.0.0.1'];

it('warns of a VIP whose full-size packets do not fit', () => {
  expect(warningsOf(GRE)).toEqual([
    {
      code: 'LB_LIVE_WARN_MTU',
      message:
        'VIP 90.0.0.0/8: with the 24 bytes of gre4, packets of more than 1476 bytes do not fit eth1 (MTU 1500) towards 10.0.0.1; they are fragmented, or the client is told',
      hint: 'raise the MTU towards the servers to 1524, or set an mssClamp of 1436',
    },
  ]);
});

it('does not where they do, or where clients are told to send smaller ones', () => {
  expect(warningsOf(GRE, 1524)).toEqual([]);
  expect(warningsOf(GRE, 1500, 1436)).toEqual([]);
  expect(warningsOf(GRE, 1500, 1437)).toHaveLength(1);
  expect(warningsOf([...GRE.slice(0, 1), 'lb as 90.0.0.0/8 10.0.0.77'])).toHaveLength(1);
  expect(warningsOf(['lb vip 90.0.0.0/8 encap l3dsr dscp 1', 'lb as 90.0.0.0/8 10.0.0.1'])).toEqual([]);
});

it('warns of an interface for NAT return traffic that is not served', () => {
  expect(warningsOf(['lb set interface nat4 in eth1', 'lb set interface nat6 in eth7'])).toEqual([
    {
      code: 'LB_LIVE_WARN_NAT_INTERFACE',
      message:
        'eth7 is to take nat6 return traffic, but it is not served: what servers answer there is not translated back',
      hint: 'served are eth0, eth1',
    },
  ]);
});
