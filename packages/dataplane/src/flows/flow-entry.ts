import type { Address, Prefix } from '@lb/core';

/** Names of what an image numbers by slots; undefined for a slot that has none (any more). */
export interface SlotNames {
  vip(slot: number): string | undefined;
  /** If absent or undefined: the address that the image has for it. */
  as?(slot: number): string | undefined;
}

/** State of a TCP connection, as far as its client's packets show it (docs/dataplane.md, "How long a flow lives"). */
export type TcpState = 'opening' | 'established' | 'closing';

/** A live entry of a flow table. What cannot be told from the entry is null. */
export interface FlowEntry {
  readonly worker: number;
  readonly vipSlot: number;
  readonly asSlot: number;
  /** Names as given by {@link SlotNames}. */
  readonly vip: string;
  readonly as: string;
  /** `tcp`, `udp`, `icmp`, or the number of another one; null also where the VIP does not tell protocols apart. */
  readonly protocol: string | null;
  readonly client: string | null;
  /** Null also where the VIP does not tell ports apart, and for protocols without. */
  readonly clientPort: number | null;
  readonly destination: string | null;
  readonly destinationPort: number | null;
  /** The 64 bits by which the table knows the flow, as `0x` and 16 digits. */
  readonly identity: string;
  /** Bucket of the VIP's new-flow table that the flow belongs to, whichever AS it has. */
  readonly bucket: number | null;
  /** Since the flow was given to its AS. */
  readonly ageSec: number | null;
  /** Null for other protocols, and for entries that all flows of a client share (`srcIpSticky`). */
  readonly state: TcpState | null;
  /** When no packet comes until then. */
  readonly expiresInSec: number;
}

/** Which entries are wanted; what is absent does not matter. */
export interface FlowFilter {
  readonly vipSlot?: number;
  readonly asSlot?: number;
  /** Bucket of the VIP's new-flow table; goes with `vipSlot`. */
  readonly bucket?: number;
  /** Address of the AS, in whichever VIPs. */
  readonly as?: Address;
  /** Holds the client's address. This and what follows is only known of flows with details. */
  readonly client?: Prefix;
  /** IP protocol number. */
  readonly protocol?: number;
  /** Port of the destination. */
  readonly port?: number;
  /** Of a TCP connection. That it is established is only known of flows with details. */
  readonly state?: TcpState;
}

export interface FlowPageQuery extends FlowFilter {
  /** Most entries of a page. */
  readonly limit: number;
  /** Of the page before. */
  readonly cursor?: string;
}

export interface FlowEntries {
  readonly flows: readonly FlowEntry[];
  /** For the next page; absent on the last one. */
  readonly cursor?: string;
}

/** Live flows of a VIP, by bucket of its new-flow table and by age. */
export interface VipFlows {
  readonly flows: number;
  /** Bucket → flows, whichever AS they have. */
  readonly buckets: Uint32Array;
  /** Flows whose bucket cannot be told: `flowHash: vpp` without details. */
  readonly unknownBucket: number;
  /** Flows below each of {@link AGE_BOUNDS_SEC} and not below the one before; then those as old as the last, or older. */
  readonly ages: Uint32Array;
  /** Flows without details. */
  readonly unknownAge: number;
}

export const AGE_BOUNDS_SEC: readonly number[] = [1, 10, 60, 600, 3600, 86_400];
