import type { Address } from '@lb/core';
import { addressKey, LongestMatch } from './longest-match.js';
import type { Neighbour, NetworkInterface, NetworkSpec, Route } from './spec.js';

/** How packets get to an address. */
export type Resolution =
  /** By the queue, to the Ethernet address of the neighbour `via`; at most `mtu` bytes of IP packet. */
  | {
      readonly kind: 'queue';
      readonly queue: number;
      readonly mac: Uint8Array;
      readonly sourceMac: Uint8Array;
      readonly mtu: number;
      readonly via: Address;
    }
  /** The kernel has to route them. */
  | { readonly kind: 'kernel' }
  /** They would leave by the queue, but the Ethernet address of `via` is not known. */
  | { readonly kind: 'unresolved'; readonly queue: number; readonly via: Address }
  /** No route leads there. */
  | { readonly kind: 'unreachable' };

/** Finds next hops in one network; built once, asked for many addresses. The network must not change afterwards. */
export class Resolver {
  readonly #interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly #neighbours: ReadonlyMap<string, Neighbour>;
  readonly #routes = new LongestMatch<Route>();

  constructor(network: NetworkSpec) {
    this.#interfaces = new Map(network.interfaces.map((entry) => [entry.queue, entry]));
    this.#neighbours = new Map(network.neighbours.map((entry) => [neighbourKey(entry.queue, entry.address), entry]));
    for (const route of network.routes) this.#routes.add(route.prefix, route);
  }

  /** The route of the longest prefix that contains the address. */
  route(address: Address): Route | undefined {
    return this.#routes.find(address);
  }

  resolve(address: Address): Resolution {
    const route = this.route(address);
    if (route === undefined) return { kind: 'unreachable' };
    const out = this.#interfaces.get(route.queue);
    if (out === undefined) return { kind: 'kernel' };
    const { queue } = route;
    const via = route.gateway ?? address;
    const neighbour = this.#neighbours.get(neighbourKey(queue, via));
    if (neighbour === undefined) return { kind: 'unresolved', queue, via };
    const mtu = Math.min(out.mtu, route.mtu ?? out.mtu);
    return { kind: 'queue', queue, mac: neighbour.mac, sourceMac: out.mac, mtu, via };
  }
}

const resolvers = new WeakMap<NetworkSpec, Resolver>();

/** How packets get to an address in a network, which must not change afterwards. */
export function resolve(network: NetworkSpec, address: Address): Resolution {
  let resolver = resolvers.get(network);
  if (resolver === undefined) {
    resolver = new Resolver(network);
    resolvers.set(network, resolver);
  }
  return resolver.resolve(address);
}

/** The queue is part of the key: fe80::1 is another machine on every link. */
function neighbourKey(queue: number, address: Address): string {
  return `${queue} ${addressKey(address)}`;
}
