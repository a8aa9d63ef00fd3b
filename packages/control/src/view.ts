import type { EffectiveAs, Health, HealthOf } from './effective/index.js';
import type { AsConfig, Check, Config, Encap, VipConfig } from './schema.js';
import { effectiveTimeouts } from './timeouts.js';
import { asId, vipKey } from './vip-ref.js';

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
  /** As used, defaults filled in. */
  readonly tcpTimeout: number;
  readonly tcpOpeningTimeout: number;
  readonly tcpClosingTimeout: number;
  readonly udpTimeout: number;
  readonly otherTimeout: number;
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
  readonly check: Check | null;
  readonly panic: number;
  readonly lastAs: VipConfig['lastAs'];
  readonly counters: VipCounters | null;
  readonly ass: readonly AsView[];
}

/** What was configured, what an operator ordered, what health checks found, and what comes of it, each apart. */
export interface AsView {
  readonly address: string;
  /** As configured. */
  readonly weight: number;
  readonly state: AsConfig['state'];
  readonly drainUntil: string | null;
  readonly ramp: AsConfig['ramp'] | null;
  /** Null also for an AS that nothing checks. */
  readonly health: Health | null;
  /** For new flows, as of now. */
  readonly effectiveWeight: number | null;
  /** Why the effective weight is what it is. */
  readonly reason: EffectiveAs['reason'] | null;
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
  const { tcpSec, tcpOpeningSec, tcpClosingSec, udpSec, otherSec } = effectiveTimeouts(config);
  return {
    ip4SrcAddress,
    ip6SrcAddress,
    buckets,
    timeout,
    tcpTimeout: tcpSec,
    tcpOpeningTimeout: tcpOpeningSec,
    tcpClosingTimeout: tcpClosingSec,
    udpTimeout: udpSec,
    otherTimeout: otherSec,
    flowHash,
    table,
    natInterfaces,
    vips: vips.length,
    ass,
  };
}

/** What a running balancer knows of its ASs beside the configuration. */
export interface LiveAss {
  readonly effective?: ReadonlyMap<string, EffectiveAs>;
  readonly healthOf?: HealthOf;
}

/** The VIPs in configuration order, with what the engine counted where `stats` has it. */
export function viewVips(config: Config, stats: readonly VipStats[] = [], live: LiveAss = {}): VipView[] {
  const byKey = new Map(stats.map((item) => [statsKey(item), item]));
  return config.vips.map((vip) => viewVip(vip, byKey.get(vipKey(vip)), live));
}

function viewVip(vip: VipConfig, stats: VipStats | undefined, live: LiveAss): VipView {
  const { prefix, protocol = null, port = null, targetPort = null, nodePort = null, encap, dscp = null } = vip;
  const { type, newLen, srcIpSticky, panic, lastAs } = vip;
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
    check: vip.check ?? null,
    panic,
    lastAs,
    counters: stats?.counters ?? null,
    ass: vip.ass.map((as) => viewAs(vip, as, byAddress.get(as.address), live)),
  };
}

function viewAs(vip: VipConfig, as: AsConfig, stats: AsStats | undefined, live: LiveAss): AsView {
  const { address, weight, state, drainUntil = null, ramp = null } = as;
  const { packets = null, bytes = null, buckets = null, flows = null } = stats ?? {};
  const { weight: effectiveWeight = null, reason = null } = live.effective?.get(asId(vip, address)) ?? {};
  const health = vip.check === undefined ? null : (live.healthOf?.(vip, address) ?? null);
  return { address, weight, state, drainUntil, ramp, health, effectiveWeight, reason, packets, bytes, buckets, flows };
}

function statsKey({ prefix, protocol, port }: VipStats): string {
  if (!port) return vipKey({ prefix });
  return vipKey({ prefix, port, ...(protocol === 'tcp' || protocol === 'udp' ? { protocol } : {}) });
}
