import { type Address, formatAddress } from '@lb/core';
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
 * The neighbours that packets to these addresses need. Of multipath routes all gateways: one that is not in use must be
 * known to be there before it can take over.
 */
export function probeTargets(
  snapshot: NetworkSnapshot,
  { spec, hops }: ProjectedNetwork,
  addresses: Iterable<Address>,
): readonly ProbeTarget[] {
  const resolver = new Resolver(spec);
  const wanted = new Map<string, { address: string; device: string }>();
  for (const destination of addresses) {
    const route = resolver.route(destination);
    for (const { device, gateway } of (route && hops.get(route)) ?? []) {
      const address = gateway ?? formatAddress(destination);
      wanted.set(`${device} ${address}`, { address, device });
    }
  }
  if (wanted.size === 0) return [];
  const states = new Map(snapshot.neighbours.map((entry) => [`${entry.device} ${entry.address}`, entry.state]));
  return [...wanted].map(([key, target]) => ({ ...target, state: states.get(key) ?? 'NONE' }));
}
