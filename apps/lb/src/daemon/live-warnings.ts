import { type Config, describeVip, OVERHEAD_BYTES, type VipConfig } from '@lb/control';
import { parseAddress } from '@lb/core';
import { type NetworkSpec, resolve } from '@lb/dataplane';
import type { LiveWarning } from './errors.js';
import type { Interfaces } from './interfaces.js';

/** Packets of clients are no longer as a rule, whatever the MTU of the interface they arrive on. */
const USUAL_MTU = 1500;
/** Headers of TCP over IP without options, by family of the VIP. */
const TCP_HEADERS = { 4: 40, 6: 60 } as const;

/** What deserves a look once a configuration meets the interfaces that are served and the network behind them. */
export function liveWarnings(config: Config, interfaces: Interfaces, network: NetworkSpec): LiveWarning[] {
  return [...natInterfaceWarnings(config, interfaces), ...config.vips.flatMap((vip) => mtuWarning(vip, network) ?? [])];
}

function natInterfaceWarnings({ natInterfaces }: Config, interfaces: Interfaces): LiveWarning[] {
  const served = interfaces.list.map(({ name }) => name).join(', ');
  return (['nat4', 'nat6'] as const).flatMap((nat) =>
    natInterfaces[nat]
      .filter((name) => interfaces.find(name) === undefined)
      .map((name): LiveWarning => {
        const message = `${name} is to take ${nat} return traffic, but it is not served: what servers answer there is not translated back`;
        return { code: 'LB_LIVE_WARN_NAT_INTERFACE', message, hint: `served are ${served}` };
      }),
  );
}

/** A VIP whose full-size packets become too long by the encapsulation. */
function mtuWarning(vip: VipConfig, network: NetworkSpec): LiveWarning | undefined {
  const overhead = OVERHEAD_BYTES[vip.encap];
  if (overhead === 0) return undefined;
  const fullSize = Math.min(USUAL_MTU, ...network.interfaces.map(({ mtu }) => mtu));
  for (const { address } of vip.ass) {
    const hop = resolve(network, parseAddress(address));
    if (hop.kind !== 'queue' && hop.kind !== 'unresolved') continue;
    const out = network.interfaces.find(({ queue }) => queue === hop.queue);
    const mtu = hop.kind === 'queue' ? hop.mtu : (out?.mtu ?? USUAL_MTU);
    const limit = mtu - overhead;
    const tcp = TCP_HEADERS[vip.prefix.includes(':') ? 6 : 4];
    if (limit >= fullSize || (vip.mssClamp !== undefined && vip.mssClamp + tcp <= limit)) continue;
    const message = `VIP ${describeVip(vip)}: with the ${overhead} bytes of ${vip.encap}, packets of more than ${limit} bytes do not fit ${out?.name} (MTU ${mtu}) towards ${address}; they are fragmented, or the client is told`;
    return {
      code: 'LB_LIVE_WARN_MTU',
      message,
      hint: `raise the MTU towards the servers to ${fullSize + overhead}, or set an mssClamp of ${limit - tcp}`,
    };
  }
  return undefined;
}
