import type { Config, VipConfig } from '@lb/control';
import { parsePrefix } from '@lb/core';
import type { TrafficTarget } from '@lb/dataplane';

/**
 * Targets for generated traffic: two for each VIP, so that all VIPs get the same number of packets: TCP and UDP where
 * it serves both, its protocol twice where it serves one.
 */
export function trafficTargets({ vips }: Config): TrafficTarget[] {
  return vips.flatMap((vip) =>
    protocolsOf(vip).map((protocol) => ({ prefix: parsePrefix(vip.prefix), protocol, port: vip.port ?? 0 })),
  );
}

function protocolsOf({ protocol }: VipConfig): readonly (6 | 17)[] {
  if (protocol === undefined) return [6, 17];
  return protocol === 'tcp' ? [6, 6] : [17, 17];
}
