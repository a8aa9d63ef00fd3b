import type { Config, Encap, VipConfig } from './schema.js';
import { vipKey } from './vip-ref.js';

/** Packets of a VIP since the engine started. */
export interface VipCounters {
  /** Packets of flows in the flow table. */
  readonly existing: number;
  /** First packets of flows: each made an entry. */
  readonly first: number;
  /** Packets forwarded by the new-flow table without an entry, as the flow table had no room. */
  readonly untracked: number;
  /** Packets dropped because the VIP had no AS in use. */
  readonly noServer: number;
}

/** What the engine counted for an AS of a VIP. */
export interface AsStats {
  readonly address: string;
  readonly packets: number;
  /** IP length as received. */
  readonly bytes: number;
  /** Of the new-flow table. */
  readonly buckets: number;
  /** Live entries of the flow table. */
  readonly flows: number;
}

/** What the engine counted for a VIP, in the form of the JSON of `lb replay`. */
export interface VipStats {
  readonly prefix: string;
  /** `tcp`, `udp`; anything else, like a port of 0, is taken for "any". */
  readonly protocol?: string | null;
  readonly port?: number | null;
  readonly counters: VipCounters;
  readonly ass: readonly AsStats[];
}

/** `show lb --json`. */
export interface LbView {
  readonly ip4SrcAddress: string | null;
  readonly ip6SrcAddress: string | null;
  readonly buckets: number;
  readonly timeout: number;
  readonly flowHash: Config['flowHash'];
  readonly table: Config['table'];
  readonly natInterfaces: Config['natInterfaces'];
  readonly vips: number;
  readonly ass: number;
}

/** An element of `show lb vip --json`; null is "not set", and for what is counted "not known". */
export interface VipView {
  readonly prefix: string;
  readonly protocol: 'tcp' | 'udp' | null;
  readonly port: number | null;
  readonly targetPort: number | null;
  readonly nodePort: number | null;
  readonly encap: Encap;
  readonly dscp: number | null;
  readonly type: VipConfig['type'];
  readonly newLen: number;
  readonly srcIpSticky: boolean;
  readonly overheadBytes: number;
  readonly counters: VipCounters | null;
  readonly ass: readonly AsView[];
}

export interface AsView {
  readonly address: string;
  readonly weight: number;
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly buckets: number | null;
  readonly flows: number | null;
}

/** Bytes by which an encap makes a packet longer: outer IP header and 4 bytes of GRE. */
export const OVERHEAD_BYTES = { gre4: 24, gre6: 44, l3dsr: 0, nat4: 0, nat6: 0 } as const satisfies Record<
  Encap,
  number
>;

export function viewLb(config: Config): LbView {
  const { ip4SrcAddress = null, ip6SrcAddress = null, buckets, timeout, flowHash, table, natInterfaces, vips } = config;
  const ass = vips.reduce((count, vip) => count + vip.ass.length, 0);
  return { ip4SrcAddress, ip6SrcAddress, buckets, timeout, flowHash, table, natInterfaces, vips: vips.length, ass };
}

/** The VIPs in configuration order, with what the engine counted where `stats` has it. */
export function viewVips(config: Config, stats: readonly VipStats[] = []): VipView[] {
  const byKey = new Map(stats.map((item) => [statsKey(item), item]));
  return config.vips.map((vip) => viewVip(vip, byKey.get(vipKey(vip))));
}

function viewVip(vip: VipConfig, stats: VipStats | undefined): VipView {
  const { prefix, protocol = null, port = null, targetPort = null, nodePort = null, encap, dscp = null } = vip;
  const { type, newLen, srcIpSticky } = vip;
  const byAddress = new Map(stats?.ass.map((as) => [as.address, as]));
  return {
    prefix,
    protocol,
    port,
    targetPort,
    nodePort,
    encap,
    dscp,
    type,
    newLen,
    srcIpSticky,
    overheadBytes: OVERHEAD_BYTES[encap],
    counters: stats?.counters ?? null,
    ass: vip.ass.map(({ address, weight }) => {
      const { packets = null, bytes = null, buckets = null, flows = null } = byAddress.get(address) ?? {};
      return { address, weight, packets, bytes, buckets, flows };
    }),
  };
}

function statsKey({ prefix, protocol, port }: VipStats): string {
  if (!port) return vipKey({ prefix });
  return vipKey({ prefix, port, ...(protocol === 'tcp' || protocol === 'udp' ? { protocol } : {}) });
}
