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

/** A resolved neighbour on such an interface. */
export interface Neighbour {
  readonly address: Address;
  /** 6 bytes. */
  readonly mac: Uint8Array;
  readonly queue: number;
}

export interface Route {
  readonly prefix: Prefix;
  /** Absent: the destination is a neighbour itself. */
  readonly gateway?: Address;
  /** -1: leaves by an interface that is not bound, so through the kernel. */
  readonly queue: number;
}

/** What the dataplane knows of the network around it. */
export interface NetworkSpec {
  readonly interfaces: readonly NetworkInterface[];
  readonly neighbours: readonly Neighbour[];
  readonly routes: readonly Route[];
}
