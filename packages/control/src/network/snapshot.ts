/**
 * What the kernel says of the network, in its own words and texts: plain data that can be compared, logged and recorded.
 * toNetworkSpec makes binary entries for the dataplane of it.
 */
export interface NetworkSnapshot {
  readonly links: readonly Link[];
  /** The main tables of both families, in the kernel's order. */
  readonly routes: readonly KernelRoute[];
  /** Sorted by device and address. */
  readonly neighbours: readonly KernelNeighbour[];
}

/** The part of a snapshot that is read and changes as one. */
export type KernelTable = keyof NetworkSnapshot;

export const KERNEL_TABLES: readonly KernelTable[] = ['links', 'routes', 'neighbours'];

export const EMPTY_SNAPSHOT: NetworkSnapshot = { links: [], routes: [], neighbours: [] };

export interface Link {
  /** The kernel's number of it, which stays when it is renamed. */
  readonly index: number;
  readonly name: string;
  readonly altNames: readonly string[];
  /** Switched on. */
  readonly enabled: boolean;
  /** Switched on and with a carrier. */
  readonly up: boolean;
  /** Without a carrier for a moment only: it is counted on, as far as nothing else leads where it led (network-memory.ts). */
  readonly held?: true;
  readonly loopback: boolean;
  /** As in `02:00:00:00:00:01`; absent where the link has no Ethernet address. */
  readonly mac?: string;
  /** Longest IP packet, bytes. */
  readonly mtu: number;
  /** The host's own addresses, each with its prefix length. */
  readonly addresses: readonly string[];
}

export interface KernelRoute {
  readonly prefix: string;
  /** `unicast`, `blackhole`, `unreachable`, … */
  readonly type: string;
  /** The smallest is used. */
  readonly metric: number;
  /** IPv6 router preference, RFC 4191: 0 high, 1 medium, 2 low. */
  readonly preference: number;
  /** Several for a multipath route; none where the type says it all. */
  readonly hops: readonly KernelHop[];
}

export interface KernelHop {
  readonly device: string;
  readonly gateway?: string;
  /** The kernel has taken it out of use, or its link has no carrier. */
  readonly dead: boolean;
  /** Its link has no carrier, which is no reason for the kernel not to use it. */
  readonly noCarrier?: true;
  /** Only the kernel can take it: packets get another header there (MPLS, IP in IP, …), or it could not be read. */
  readonly kernelOnly: boolean;
  /** Bytes, where the route sets one. */
  readonly mtu?: number;
}

export interface KernelNeighbour {
  readonly address: string;
  readonly device: string;
  readonly mac?: string;
  /** `REACHABLE`, `STALE`, `FAILED`, …; KEPT where the kernel has none and that of before is used */
  readonly state: string;
}
