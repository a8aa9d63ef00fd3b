import { type Address, addressEquals, compareAddresses, type Prefix } from '@lb/core';
import { type Neighbour, type NetworkInterface, type NetworkSpec, Resolver, type Route } from '@lb/dataplane';
import { addressOf, macOf, ownAddressOf, prefixOf } from './kernel-text.js';
import { isUsable, KEPT } from './neighbour-states.js';
import { chooseHop, chooseWay, HopRank } from './route-choice.js';
import type { KernelHop, KernelNeighbour, KernelRoute, Link, NetworkSnapshot } from './snapshot.js';

/** An interface that the workers send by, under its number among their queues. */
export interface BoundInterface {
  /** Name or alternative name. */
  readonly name: string;
  readonly queue: number;
}

/** A network for the dataplane, and what each of its routes was chosen from. */
export interface ProjectedNetwork {
  readonly spec: NetworkSpec;
  /** Live hops on bound interfaces of the routes that leave by one. */
  readonly hops: ReadonlyMap<Route, readonly KernelHop[]>;
}

/**
 * The network as the dataplane sees it. Nothing is in it that the kernel does not know for certain: neighbours without
 * an Ethernet address are left out, and what the kernel does otherwise than by sending (refuse, deliver to the host,
 * tunnel) has queue -1. A link that is down takes its routes and neighbours with it, so that the next best route counts;
 * one that is held keeps those for which there is no other.
 * Equal snapshots give equal networks, in the same order.
 */
export function projectNetwork(snapshot: NetworkSnapshot, bound: readonly BoundInterface[]): ProjectedNetwork {
  return new Projection(snapshot, bound).network();
}

/** The same without what the routes were chosen from. */
export function toNetworkSpec(snapshot: NetworkSnapshot, bound: readonly BoundInterface[]): NetworkSpec {
  return projectNetwork(snapshot, bound).spec;
}

/** The host's own addresses, of all its links. */
export function hostAddresses(snapshot: NetworkSnapshot): readonly Address[] {
  const all = snapshot.links.flatMap(addressesOf).sort(compareAddresses);
  return all.filter((address, i) => i === 0 || !addressEquals(address, all[i - 1]));
}

class Projection {
  readonly #snapshot: NetworkSnapshot;
  readonly #links: ReadonlyMap<string, Link>;
  readonly #interfaces: readonly NetworkInterface[];
  /** Queues of the bound links that are up or held, by the name that routes and neighbours use. */
  readonly #queues = new Map<string, number>();
  readonly #states: ReadonlyMap<string, string>;

  constructor(snapshot: NetworkSnapshot, bound: readonly BoundInterface[]) {
    this.#snapshot = snapshot;
    this.#links = new Map(snapshot.links.map((link) => [link.name, link]));
    this.#interfaces = bound.flatMap((wanted) => this.#bind(wanted)).sort((a, b) => a.queue - b.queue);
    this.#states = new Map(snapshot.neighbours.map((entry) => [stateKey(entry.device, entry.address), entry.state]));
  }

  network(): ProjectedNetwork {
    const hops = new Map<Route, readonly KernelHop[]>();
    const routes = [...this.#ownRoutes(), ...this.#tableRoutes(hops)];
    const neighbours = this.#snapshot.neighbours.flatMap((entry) => this.#neighbour(entry));
    return { spec: { interfaces: this.#interfaces, neighbours, routes }, hops };
  }

  #bind({ name, queue }: BoundInterface): NetworkInterface[] {
    const link = this.#snapshot.links.find((entry) => entry.name === name || entry.altNames.includes(name));
    const mac = macOf(link?.mac ?? '');
    if (link === undefined || mac === undefined) return [];
    if ((link.up || link.held) && !this.#queues.has(link.name)) this.#queues.set(link.name, queue);
    return [{ name: link.name, queue, mac, mtu: link.mtu, addresses: addressesOf(link) }];
  }

  #neighbour(entry: KernelNeighbour): Neighbour[] {
    const queue = this.#queues.get(entry.device);
    if (queue === undefined || !isUsable(entry.state)) return [];
    const mac = macOf(entry.mac ?? '');
    const address = addressOf(entry.address);
    return mac === undefined || address === undefined || isMulticast(address) ? [] : [{ address, mac, queue }];
  }

  /** The kernel keeps packets to its own addresses, which lie inside prefixes that are on a link. */
  #ownRoutes(): Route[] {
    const routes = hostAddresses(this.#snapshot).map((address) => ({
      prefix: { address, length: address.bytes.length * 8 },
      queue: -1,
    }));
    const loops = this.#snapshot.links.filter((link) => link.loopback).flatMap((link) => link.addresses);
    // On a loopback link all of an IPv4 prefix is the host's.
    const wide = loops
      .flatMap((text) => prefixOf(text) ?? [])
      .filter(({ address, length }) => address.family === 4 && length < 32);
    return [...routes, ...wide.map((prefix) => ({ prefix, queue: -1 }))].filter(({ prefix }) => isRoutable(prefix));
  }

  #tableRoutes(hops: Map<Route, readonly KernelHop[]>): Route[] {
    const byPrefix = new Map<string, KernelRoute[]>();
    for (const route of this.#snapshot.routes) {
      const rivals = byPrefix.get(route.prefix);
      if (rivals === undefined) byPrefix.set(route.prefix, [route]);
      else rivals.push(route);
    }
    const found = [...byPrefix].flatMap(([text, rivals]) => {
      const prefix = prefixOf(text);
      if (prefix === undefined || !isRoutable(prefix)) return [];
      return [{ prefix, rivals, routes: this.#route(prefix, rivals, hops, this.#isLive) }];
    });
    if (![...this.#links.values()].some(({ held }) => held)) return found.flatMap(({ routes }) => routes);
    const live = found.flatMap(({ routes }) => routes);
    const others = new Resolver({ interfaces: [], neighbours: [], routes: live });
    return found.flatMap(({ prefix, rivals, routes }) => {
      if (routes.length > 0) return routes;
      // The kernel itself goes on to send where there is no carrier, unless another served interface leads there.
      const other = others.route(prefix.address);
      return other !== undefined && other.queue >= 0 ? [] : this.#route(prefix, rivals, hops, this.#isHeld);
    });
  }

  readonly #isLive = (hop: KernelHop) => !hop.dead && this.#links.get(hop.device)?.up === true;

  /** The route may have been read before or after the link lost its carrier. */
  readonly #isHeld = (hop: KernelHop) =>
    (!hop.dead || hop.noCarrier === true) && this.#links.get(hop.device)?.held === true;

  #route(
    prefix: Prefix,
    rivals: readonly KernelRoute[],
    hops: Map<Route, readonly KernelHop[]>,
    isUsed: (hop: KernelHop) => boolean,
  ): Route[] {
    const way = chooseWay(rivals, isUsed);
    if (way === undefined) return [];
    if (way === 'kernel') return [{ prefix, queue: -1 }];
    const hop = chooseHop(way, (candidate) => this.#rankOf(candidate));
    const queue = this.#queueOf(hop);
    const gateway = hop.gateway === undefined ? undefined : addressOf(hop.gateway);
    // A gateway that cannot be read must not become none.
    if (queue < 0 || (hop.gateway !== undefined && gateway === undefined)) return [{ prefix, queue: -1 }];
    const route: Route = {
      prefix,
      queue,
      ...(gateway === undefined ? {} : { gateway }),
      ...(hop.mtu === undefined ? {} : { mtu: hop.mtu }),
    };
    hops.set(
      route,
      way.filter((candidate) => this.#queueOf(candidate) >= 0),
    );
    return [route];
  }

  #queueOf(hop: KernelHop): number {
    return hop.kernelOnly ? -1 : (this.#queues.get(hop.device) ?? -1);
  }

  #rankOf(hop: KernelHop): HopRank {
    if (hop.gateway === undefined || this.#queueOf(hop) < 0) return HopRank.READY;
    const state = this.#states.get(stateKey(hop.device, hop.gateway));
    if (state === undefined) return HopRank.UNKNOWN;
    if (state === KEPT) return HopRank.KEPT;
    return isUsable(state) ? HopRank.READY : state === 'FAILED' ? HopRank.FAILED : HopRank.UNKNOWN;
  }
}

/** The key of a neighbour among the states. Both texts come from the kernel, so equal addresses are equal texts. */
function stateKey(device: string, address: string): string {
  return `${device} ${address}`;
}

function addressesOf(link: Link): Address[] {
  return link.addresses.flatMap((text) => ownAddressOf(text) ?? []);
}

/** Not multicast, and not link-local IPv6, where the same prefix is on every link. */
function isRoutable({ address }: Prefix): boolean {
  const isLinkLocal = address.family === 6 && address.bytes[0] === 0xfe && (address.bytes[1] & 0xc0) === 0x80;
  return !isMulticast(address) && !isLinkLocal;
}

function isMulticast({ family, bytes }: Address): boolean {
  return family === 4 ? (bytes[0] & 0xf0) === 0xe0 : bytes[0] === 0xff;
}
