import { parseAddress, parsePrefix } from '@lb/core';
import type { AsSpec, Encap, ImageSpec, VipSpec } from '@lb/dataplane';

/** A VIP type: family of the VIP and encapsulation. */
export const VIP_TYPES = ['ip4-gre4', 'ip4-gre6', 'ip6-gre4', 'ip6-gre6', 'ip4-l3dsr', 'ip4-nat4', 'ip6-nat6'] as const;
export type VipType = (typeof VIP_TYPES)[number];

/** The type that the name of an encapsulation alone stands for. */
const BY_ENCAP: Record<Encap, VipType> = {
  gre4: 'ip4-gre4',
  gre6: 'ip6-gre6',
  l3dsr: 'ip4-l3dsr',
  nat4: 'ip4-nat4',
  nat6: 'ip6-nat6',
};
export const ENCAPS = Object.keys(BY_ENCAP) as Encap[];

const AS_COUNT = 100;
const NEW_LEN = 65536;
const NAT_PORT = 80;

/** Reads `gre4` or `ip6-gre4`. */
export function vipTypeOf(word: string): VipType {
  return BY_ENCAP[word as Encap] ?? (word as VipType);
}

/**
 * The VIP that is measured: a hundred servers on 65,536 buckets.
 * @param port 0 for all ports; NAT needs one and has 80 then
 */
export function benchVip(type: VipType, port: number): VipSpec {
  const [family, encap] = type.split('-') as ['ip4' | 'ip6', Encap];
  const nat = encap === 'nat4' || encap === 'nat6';
  const vipPort = port === 0 && nat ? NAT_PORT : port;
  return {
    prefix: parsePrefix(family === 'ip4' ? '90.0.0.0/8' : '2004::/16'),
    protocol: 0,
    port: vipPort,
    targetPort: nat ? 8080 : vipPort,
    nodePort: 0,
    encap,
    dscp: encap === 'l3dsr' ? 2 : 0,
    newLen: NEW_LEN,
    srcIpSticky: false,
    ass: servers(encap === 'gre6' || encap === 'nat6' ? 6 : 4, AS_COUNT),
  };
}

/** The configuration that is measured: one VIP, whose flows live on. */
export function benchSpec(vip: VipSpec): ImageSpec {
  return {
    ip4Src: parseAddress('192.0.2.1'),
    ip6Src: parseAddress('2001:db8::1'),
    nat4In: false,
    nat6In: false,
    timeoutSec: 3600,
    flowHash: 'fast',
    table: 'maglev',
    vips: [vip],
  };
}

/** Servers of equal weight. */
export function servers(family: 4 | 6, count: number): AsSpec[] {
  return Array.from({ length: count }, (_, i) => {
    const text = family === 4 ? `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}` : `2001:db8:1::${(i + 1).toString(16)}`;
    return { address: parseAddress(text), weight: 100 };
  });
}
