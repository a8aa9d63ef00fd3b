import { parseAddress, parsePrefix } from '@lb/core';
import type { ImageSpec, VipSpec } from '@lb/dataplane';
import type { Config, VipConfig } from './schema.js';

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const;

/** The binary form that an image is compiled from; VIPs and ASs in configuration order. Takes a validated configuration. */
export function resolveConfig(config: Config): ImageSpec {
  const { ip4SrcAddress, ip6SrcAddress, ip4SrcRange, ip6SrcRange } = config;
  return {
    ...(ip4SrcAddress === undefined ? {} : { ip4Src: parseAddress(ip4SrcAddress) }),
    ...(ip6SrcAddress === undefined ? {} : { ip6Src: parseAddress(ip6SrcAddress) }),
    ...(ip4SrcRange === undefined ? {} : { ip4SrcRange: parsePrefix(ip4SrcRange) }),
    ...(ip6SrcRange === undefined ? {} : { ip6SrcRange: parsePrefix(ip6SrcRange) }),
    nat4In: config.natInterfaces.nat4.length > 0,
    nat6In: config.natInterfaces.nat6.length > 0,
    timeoutSec: config.timeout,
    flowHash: config.flowHash,
    table: config.table,
    vips: config.vips.map(resolveVip),
  };
}

function resolveVip(vip: VipConfig): VipSpec {
  const port = vip.port ?? 0;
  return {
    prefix: parsePrefix(vip.prefix),
    protocol: vip.protocol === undefined || port === 0 ? 0 : PROTOCOL_NUMBERS[vip.protocol],
    port,
    targetPort: vip.targetPort ?? port,
    nodePort: vip.nodePort ?? 0,
    encap: vip.encap,
    dscp: vip.dscp ?? 0,
    newLen: vip.newLen,
    srcIpSticky: vip.srcIpSticky,
    ...(vip.mssClamp === undefined ? {} : { mssClamp: vip.mssClamp }),
    ass: vip.ass.map(({ address, weight }) => ({ address: parseAddress(address), weight })),
  };
}
