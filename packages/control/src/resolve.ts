import { parseAddress, parsePrefix } from '@lb/core';
import type { AsSpec, ImageSpec, VipSpec } from '@lb/dataplane';
import { type EffectiveAs, settledAss } from './effective/effective.js';
import type { Config, VipConfig } from './schema.js';
import { effectiveTimeouts } from './timeouts.js';
import { asId } from './vip-ref.js';

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const;

/**
 * The binary form that an image is compiled from; VIPs and ASs in configuration order, without the ASs that are cut.
 * @param config validated
 * @param effective what each AS does now; by default what it will do once ramps and drains are over
 */
export function resolveConfig(
  config: Config,
  effective: ReadonlyMap<string, EffectiveAs> = settledAss(config),
): ImageSpec {
  const { ip4SrcAddress, ip6SrcAddress, ip4SrcRange, ip6SrcRange } = config;
  return {
    ...(ip4SrcAddress === undefined ? {} : { ip4Src: parseAddress(ip4SrcAddress) }),
    ...(ip6SrcAddress === undefined ? {} : { ip6Src: parseAddress(ip6SrcAddress) }),
    ...(ip4SrcRange === undefined ? {} : { ip4SrcRange: parsePrefix(ip4SrcRange) }),
    ...(ip6SrcRange === undefined ? {} : { ip6SrcRange: parsePrefix(ip6SrcRange) }),
    nat4In: config.natInterfaces.nat4.length > 0,
    nat6In: config.natInterfaces.nat6.length > 0,
    timeoutSec: config.timeout,
    timeouts: effectiveTimeouts(config),
    flowHash: config.flowHash,
    table: config.table,
    vips: config.vips.map((vip) => resolveVip(vip, effective)),
  };
}

function resolveVip(vip: VipConfig, effective: ReadonlyMap<string, EffectiveAs>): VipSpec {
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
    ass: vip.ass.flatMap(({ address }) => resolveAs(address, effective.get(asId(vip, address)))),
  };
}

function resolveAs(address: string, effective: EffectiveAs | undefined): AsSpec[] {
  if (effective === undefined || effective.cut) return [];
  const { weight, draining, udpEnds } = effective;
  return [
    {
      address: parseAddress(address),
      weight,
      ...(draining ? { draining } : {}),
      ...(udpEnds ? { udpEnds } : {}),
    },
  ];
}
