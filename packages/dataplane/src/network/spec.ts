import type { Address, Prefix } from '@lb/core';

/** An interface a worker sends and receives on. */
export interface NetworkInterface {
  readonly name: string;
  /** Its number among the worker's queues. */
  readonly queue: number;
  /** 6 bytes. */
  readonly mac: Uint8Array;
  /** Longest IP packet, bytes. */
  readonly mtu: number;
  readonly addresses: readonly Address[];
}

/** A resolved neighbour on such an interface. One address may be a neighbour on several: link-local ones often are. */
export interface Neighbour {
  readonly address: Address;
  /** 6 bytes. */
  readonly mac: Uint8Array;
  readonly queue: number;
}

export interface Route {
  readonly prefix: Prefix;
  /** Absent: the destination is a neighbour itself. Of either family: IPv4 may be routed through an IPv6 neighbour. */
  readonly gateway?: Address;
  /** -1: the kernel's business. It leaves by an interface that is not bound, is the host's own, or is refused. */
  readonly queue: number;
  /** Longest IP packet, bytes, where the route allows less than its interface. */
  readonly mtu?: number;
}

/** What the dataplane knows of the network around it. Of several routes to one prefix the first counts. */
export interface NetworkSpec {
  readonly interfaces: readonly NetworkInterface[];
  readonly neighbours: readonly Neighbour[];
  readonly routes: readonly Route[];
}
