import type { Address, Prefix } from '@lb/core';

export type Encap = 'gre4' | 'gre6' | 'l3dsr' | 'nat4' | 'nat6';
export type FlowHashKind = 'fast' | 'vpp';
export type TableKind = 'maglev' | 'vpp';

/** An application server of a VIP. */
export interface AsSpec {
  readonly address: Address;
  /** Integer ≥ 0; shares are in proportion. 0 takes no new flows. */
  readonly weight: number;
  /** Established flows stay, but a TCP SYN that finds an entry of this AS is balanced anew. Absent: false. */
  readonly draining?: boolean;
  /** Flows of other protocols that find an entry of this AS are balanced anew. Absent: false. */
  readonly udpEnds?: boolean;
}

/** A VIP as the dataplane needs it: binary, validated, in configuration order. */
export interface VipSpec {
  readonly prefix: Prefix;
  /** 6, 17, or 0 for any. */
  readonly protocol: 0 | 6 | 17;
  /** 1–65535, or 0 for an all-port VIP. */
  readonly port: number;
  /** Port on the AS (NAT); equals `port` when not given. */
  readonly targetPort: number;
  /** Port on the node address (NAT), 0 for none. */
  readonly nodePort: number;
  readonly encap: Encap;
  readonly dscp: number;
  /** Buckets of the new-flow table, a power of two. */
  readonly newLen: number;
  readonly srcIpSticky: boolean;
  /** Largest TCP maximum segment size let through; absent or 0: any. */
  readonly mssClamp?: number;
  readonly ass: readonly AsSpec[];
}

/** Seconds after which flows without packets end, each kind by itself. Absent: `timeoutSec`. */
export interface TimeoutsSpec {
  readonly tcpSec?: number;
  /** TCP flows of which only SYNs have come. */
  readonly tcpOpeningSec?: number;
  /** TCP flows of which a FIN or RST has come. */
  readonly tcpClosingSec?: number;
  readonly udpSec?: number;
  readonly otherSec?: number;
}

/** Everything an image is compiled from. */
export interface ImageSpec {
  readonly ip4Src?: Address;
  readonly ip6Src?: Address;
  /** Range of outer GRE sources of which each flow uses one; absent: ip4Src/ip6Src for all. */
  readonly ip4SrcRange?: Prefix;
  readonly ip6SrcRange?: Prefix;
  /** Whether there is an interface on which NAT return traffic arrives. */
  readonly nat4In: boolean;
  readonly nat6In: boolean;
  /** Numbers (below 32) of the queues of those interfaces; absent: all. */
  readonly nat4InQueues?: readonly number[];
  readonly nat6InQueues?: readonly number[];
  /** Seconds after which a flow without packets ends, whatever it is, unless `timeouts` says otherwise. */
  readonly timeoutSec: number;
  readonly timeouts?: TimeoutsSpec;
  readonly flowHash: FlowHashKind;
  readonly table: TableKind;
  readonly vips: readonly VipSpec[];
}
