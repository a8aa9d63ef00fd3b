import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyConfig } from '../config.testkit.js';
import { emptyConfig } from '../schema.js';
import { diffConfigs } from './diff-configs.js';
import { configOf } from './plan.testkit.js';

const BEFORE = configOf({
  ip4SrcAddress: '192.0.2.254',
  timeout: 40,
  natInterfaces: { nat4: ['eth1'] },
  vips: [
    {
      prefix: '90.0.0.0/8',
      newLen: 1024,
      check: { type: 'http', port: 80, path: '/up' },
      ass: [{ address: '10.0.0.1' }, { address: '10.0.0.2', weight: 50 }, { address: '10.0.0.3' }],
    },
    { prefix: '91.0.0.0/8', ass: [{ address: '10.0.0.1' }] },
    { prefix: '92.0.0.1', port: 53, protocol: 'udp', encap: 'nat4', targetPort: 5353, ass: [{ address: '10.0.0.9' }] },
  ],
});
const AFTER = configOf({
  ip6SrcAddress: '2001:db8::fe',
  timeout: 60,
  natInterfaces: { nat4: ['eth1', 'eth2'] },
  vips: [
    { prefix: '93.0.0.0/8', encap: 'gre4', newLen: 64, ass: [{ address: '10.0.0.1' }] },
    { prefix: '92.0.0.1', port: 53, protocol: 'udp', encap: 'nat4', targetPort: 53, ass: [{ address: '10.0.0.9' }] },
    {
      prefix: '90.0.0.0/8',
      newLen: 4096,
      check: { type: 'http', port: 80, path: '/health' },
      ass: [{ address: '10.0.0.4', weight: 10 }, { address: '10.0.0.2', state: 'draining' }, { address: '10.0.0.1' }],
    },
  ],
});

describe('diffConfigs', () => {
  test('names every difference in order, with its place', () => {
    const short = diffConfigs(BEFORE, AFTER).map(({ kind, path, text }) => [kind, path, text]);
    expect(short).toEqual([
      ['add', 'ip6SrcAddress', 'ip6SrcAddress set to 2001:db8::fe'],
      ['change', 'timeout', 'timeout 40 -> 60'],
      ['change', 'natInterfaces.nat4', 'natInterfaces.nat4 eth1 -> eth1, eth2'],
      ['remove', 'ip4SrcAddress', 'ip4SrcAddress 192.0.2.254 removed'],
      ['remove', 'vips[1]', 'remove VIP 91.0.0.0/8 with its 1 AS'],
      ['change', 'vips[1].targetPort', 'VIP 92.0.0.1/32 udp port 53: targetPort 5353 -> 53'],
      ['change', 'vips[2].newLen', 'VIP 90.0.0.0/8: newLen 1024 -> 4096'],
      ['change', 'vips[2].check.path', 'VIP 90.0.0.0/8: check.path /up -> /health'],
      ['remove', 'vips[0].ass[2]', 'remove AS 10.0.0.3 from VIP 90.0.0.0/8'],
      ['change', 'vips[2].ass[1].weight', 'AS 10.0.0.2 of VIP 90.0.0.0/8: weight 50 -> 100'],
      ['change', 'vips[2].ass[1].state', 'AS 10.0.0.2 of VIP 90.0.0.0/8: state enabled -> draining'],
      ['change', 'vips[2].ass', 'VIP 90.0.0.0/8: ASs in another order; nothing else comes of it'],
      ['add', 'vips[2].ass[0]', 'add AS 10.0.0.4 to VIP 90.0.0.0/8, weight 10'],
      ['change', 'vips', 'VIPs in another order; nothing else comes of it'],
      ['add', 'vips[0]', 'add VIP 93.0.0.0/8: gre4, newLen 64, 1 AS'],
    ]);
  });

  test('carries the values and whose they are', () => {
    const changes = diffConfigs(BEFORE, AFTER);
    const vip = { prefix: '90.0.0.0/8' };
    expect(changes.find(({ path }) => path === 'vips[2].ass[1].weight')).toMatchObject({
      vip,
      as: '10.0.0.2',
      from: 50,
      to: 100,
    });
    expect(changes.find(({ path }) => path === 'vips[2].newLen')).toMatchObject({ vip, from: 1024, to: 4096 });
    expect(changes.find(({ kind, as }) => kind === 'remove' && as !== undefined)).toMatchObject({
      from: BEFORE.vips[0]!.ass[2],
    });
    expect(changes.find(({ path }) => path === 'vips[0]')?.to).toEqual(AFTER.vips[0]);
    expect(changes.find(({ path }) => path === 'ip6SrcAddress')).not.toHaveProperty('from');
  });

  test('a protocol or a port makes another VIP', () => {
    const udp = configOf({ vips: [{ prefix: '10.0.0.1', port: 53, protocol: 'udp' }] });
    const both = configOf({ vips: [{ prefix: '10.0.0.1', port: 53 }] });
    expect(diffConfigs(udp, both).map(({ kind, vip }) => [kind, vip])).toEqual([
      ['remove', { prefix: '10.0.0.1/32', port: 53, protocol: 'udp' }],
      ['add', { prefix: '10.0.0.1/32', port: 53 }],
    ]);
  });

  test('a configuration does not differ from itself, from any other it does, and the way back undoes the way there', () => {
    fc.assert(
      fc.property(anyConfig, anyConfig, (a, b) => {
        expect(diffConfigs(a, structuredClone(a))).toEqual([]);
        const there = diffConfigs(a, b);
        expect(there.length > 0).toBe(JSON.stringify(a) !== JSON.stringify(b));
        const opposite = { add: 'remove', remove: 'add', change: 'change' };
        const back = diffConfigs(b, a);
        expect(count(back.map(({ kind }) => kind))).toEqual(count(there.map(({ kind }) => opposite[kind])));
      }),
      { numRuns: 100 },
    );
  });

  test('lists each VIP of a new configuration once', () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const added = diffConfigs(emptyConfig(), config).filter(({ vip }) => vip !== undefined);
        expect(added.map(({ to }) => to)).toEqual(config.vips);
      }),
      { numRuns: 50 },
    );
  });
});

function count(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = { add: 0, remove: 0, change: 0 };
  for (const kind of kinds) counts[kind] = counts[kind]! + 1;
  return counts;
}
