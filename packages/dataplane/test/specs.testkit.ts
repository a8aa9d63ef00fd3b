import { parseAddress, parsePrefix } from '@lb/core';
import type { Encap, ImageSpec, VipSpec } from '../src/image/spec.js';

/** A VIP with defaults for what a test does not care about. */
export function vip(prefix: string, encap: Encap, ass: readonly string[], more: Partial<VipSpec> = {}): VipSpec {
  const port = more.port ?? 0;
  return {
    prefix: parsePrefix(prefix),
    protocol: 0,
    port,
    targetPort: port,
    nodePort: 0,
    encap,
    dscp: 0,
    newLen: 64,
    srcIpSticky: false,
    ass: ass.map((address) => ({ address: parseAddress(address), weight: 100 })),
    ...more,
  };
}

export function spec(vips: readonly VipSpec[], more: Partial<ImageSpec> = {}): ImageSpec {
  return {
    ip4Src: parseAddress('192.0.2.254'),
    ip6Src: parseAddress('2001:db8:ff::254'),
    nat4In: false,
    nat6In: false,
    timeoutSec: 40,
    flowHash: 'fast',
    table: 'maglev',
    vips,
    ...more,
  };
}

/** One VIP of every type, NAT return switched on. */
export function everyType(): ImageSpec {
  const nat = { port: 80, targetPort: 8080, nodePort: 30080 };
  return spec(
    [
      vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2']),
      vip('91.0.0.0/8', 'gre6', ['2001:db8::1']),
      vip('2002::/16', 'gre4', ['10.0.0.3']),
      vip('2003::/16', 'gre6', ['2001:db8::2']),
      vip('100.0.0.0/8', 'l3dsr', ['10.0.0.4'], { dscp: 5 }),
      vip('92.0.0.1/32', 'nat4', ['10.0.0.5'], nat),
      vip('2004::1/128', 'nat6', ['2001:db8::5'], nat),
    ],
    { nat4In: true, nat6In: true },
  );
}
