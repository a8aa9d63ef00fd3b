import type { Address } from '@lb/core';
import { Resolver } from '@lb/dataplane';
import type { ProjectedNetwork } from './project-network.js';
import type { NetworkSnapshot } from './snapshot.js';

/** A neighbour whose Ethernet address is wanted. */
export interface ProbeTarget {
  readonly address: string;
  readonly device: string;
  /** As the kernel has it; `NONE` when it does not know the neighbour. */
  readonly state: string;
}

/**
 * The neighbours that packets to these addresses need, and all gateways, which answers to clients need. Of multipath
 * routes every gateway: one that is not in use must be known to be there before it can take over.
 * @param addresses by their texts
 */
export function probeTargets(
  snapshot: NetworkSnapshot,
  { spec, hops }: ProjectedNetwork,
  addresses: ReadonlyMap<string, Address>,
): readonly ProbeTarget[] {
  const wanted = new Map<string, { address: string; device: string }>();
  const want = (device: string, address: string) => wanted.set(`${device} ${address}`, { address, device });
  const resolver = new Resolver(spec);
  for (const [text, destination] of addresses) {
    const route = resolver.route(destination);
    for (const { device, gateway } of (route && hops.get(route)) ?? []) {
      if (gateway === undefined) want(device, text);
    }
  }
  for (const several of hops.values()) {
    for (const { device, gateway } of several) if (gateway !== undefined) want(device, gateway);
  }
  const states = new Map(snapshot.neighbours.map((entry) => [`${entry.device} ${entry.address}`, entry.state]));
  return [...wanted].map(([key, target]) => ({ ...target, state: states.get(key) ?? 'NONE' }));
}
