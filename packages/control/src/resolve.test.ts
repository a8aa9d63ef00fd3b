import { describe, expect, test } from 'vitest';
import { effectiveAss } from './effective/index.js';
import { resolveConfig } from './resolve.js';
import { emptyConfig } from './schema.js';
import { parseConfig } from './validate.js';

const address4 = (...bytes: number[]) => ({ family: 4, bytes: Uint8Array.from(bytes) });
const address6 = (...words: number[]) => ({
  family: 6,
  bytes: Uint8Array.from(words.flatMap((w) => [w >> 8, w & 255])),
});

test('the empty configuration', () => {
  expect(resolveConfig(emptyConfig())).toEqual({
    nat4In: false,
    nat6In: false,
    timeoutSec: 40,
    timeouts: { tcpSec: 40, tcpOpeningSec: 10, tcpClosingSec: 10, udpSec: 40, otherSec: 40 },
    flowHash: 'fast',
    table: 'maglev',
    vips: [],
  });
});

test('everything set', () => {
  const { config } = parseConfig({
    ip4SrcAddress: '192.0.2.254',
    ip6SrcAddress: '2001:db8::fe',
    timeout: 7,
    tcpClosingTimeout: 3,
    udpTimeout: 20,
    flowHash: 'vpp',
    table: 'vpp',
    natInterfaces: { nat6: ['eth0'] },
    vips: [
      { prefix: '10.1.2.3/8', encap: 'l3dsr', dscp: 2, newLen: 32, srcIpSticky: true },
      { prefix: '2001:db8::1', encap: 'nat6', protocol: 'udp', port: 53, targetPort: 5353, nodePort: 30053 },
      { prefix: '10.0.0.1', encap: 'nat4', port: 80, protocol: 'tcp', ass: [{ address: '192.0.2.1', weight: 0 }] },
      { prefix: '10.0.0.1', port: 443 },
    ],
  });
  const plain = { dscp: 0, newLen: 1024, srcIpSticky: false, nodePort: 0, ass: [] };
  const host = { address: address4(10, 0, 0, 1), length: 32 };
  expect(resolveConfig(config)).toEqual({
    ip4Src: address4(192, 0, 2, 254),
    ip6Src: address6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xfe),
    nat4In: false,
    nat6In: true,
    timeoutSec: 7,
    timeouts: { tcpSec: 7, tcpOpeningSec: 7, tcpClosingSec: 3, udpSec: 20, otherSec: 7 },
    flowHash: 'vpp',
    table: 'vpp',
    vips: [
      {
        ...plain,
        prefix: { address: address4(10, 0, 0, 0), length: 8 },
        protocol: 0,
        port: 0,
        targetPort: 0,
        encap: 'l3dsr',
        dscp: 2,
        newLen: 32,
        srcIpSticky: true,
      },
      {
        ...plain,
        prefix: { address: address6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), length: 128 },
        protocol: 17,
        port: 53,
        targetPort: 5353,
        nodePort: 30053,
        encap: 'nat6',
      },
      {
        ...plain,
        prefix: host,
        protocol: 6,
        port: 80,
        targetPort: 80,
        encap: 'nat4',
        ass: [{ address: address4(192, 0, 2, 1), weight: 0 }],
      },
      { ...plain, prefix: host, protocol: 0, port: 443, targetPort: 443, encap: 'gre4' },
    ],
  });
});

describe('ASs', () => {
  const { config } = parseConfig({
    vips: [
      {
        prefix: '10.0.0.1',
        ass: [
          { address: '192.0.2.1', weight: 10 },
          { address: '192.0.2.2', weight: 20, state: 'disabled' },
          { address: '192.0.2.3', weight: 30, state: 'draining' },
          { address: '192.0.2.4', weight: 40, ramp: { from: 0, start: '2026-01-01T00:00:00Z', seconds: 100 } },
          { address: '192.0.2.5', weight: 50 },
        ],
      },
    ],
  });

  test('have their effective weight, and what is cut is left out', () => {
    const now = Date.parse('2026-01-01T00:00:50Z');
    const effective = effectiveAss(config, now, (_, address) => (address.endsWith('.5') ? 'failing' : 'unknown'));
    expect(resolveConfig(config, effective).vips[0]!.ass).toEqual([
      { address: address4(192, 0, 2, 1), weight: 10 },
      { address: address4(192, 0, 2, 3), weight: 0, draining: true },
      { address: address4(192, 0, 2, 4), weight: 20 },
      { address: address4(192, 0, 2, 5), weight: 0, draining: true, udpEnds: true },
    ]);
  });

  test('without effective weights are as they will be in the end', () => {
    expect(resolveConfig(config).vips[0]!.ass).toEqual([
      { address: address4(192, 0, 2, 1), weight: 10 },
      { address: address4(192, 0, 2, 3), weight: 0, draining: true },
      { address: address4(192, 0, 2, 4), weight: 40 },
      { address: address4(192, 0, 2, 5), weight: 50 },
    ]);
  });
});
