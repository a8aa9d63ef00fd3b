import { expect, test } from 'vitest';
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
