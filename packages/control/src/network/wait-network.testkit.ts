import { parseAddress } from '@lb/core';
import { type NetworkSpec, type Resolution, resolve } from '@lb/dataplane';
import type { NetworkState } from './network-state.js';
import { type BoundInterface, toNetworkSpec } from './project-network.js';

/** Both links of the test network. */
export const BOUND: readonly BoundInterface[] = [
  { name: 'east', queue: 0 },
  { name: 'west', queue: 1 },
];

/** How the network that is known now leads to an address: `0 02:00:00:00:01:01 1500`, `unresolved`, … */
export function wayTo(state: NetworkState, address: string): string {
  return wayText(resolve(toNetworkSpec(state.snapshot, BOUND), parseAddress(address)));
}

function wayText(way: Resolution): string {
  if (way.kind !== 'queue') return way.kind;
  const mac = Array.from(way.mac, (byte) => byte.toString(16).padStart(2, '0')).join(':');
  return `${way.queue} ${mac} ${way.mtu}`;
}

/**
 * A guard against hanging, not a measurement: the kernel itself may tell of a carrier a second late, and a busy machine
 * is slow. Shorter than a test's own time limit, so that its message is the one that is seen.
 */
const GUARD_MS = 20_000;

/** Waits, by events, until the network is as wanted. Rejects, with what it is then, when that never comes. */
export function untilNetwork(
  state: NetworkState,
  isWanted: (network: NetworkSpec) => boolean,
  describeNow: () => string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      state.off('change', check);
      settle();
    };
    const check = () => {
      if (isWanted(toNetworkSpec(state.snapshot, BOUND))) end(resolve);
    };
    const timer = setTimeout(() => {
      end(() => reject(new Error(`after ${GUARD_MS} ms the network is still: ${describeNow()}`)));
    }, GUARD_MS);
    state.on('change', check);
    check();
  });
}

/** Waits until packets to the address go the wanted way. */
export function untilWay(state: NetworkState, address: string, wanted: string): Promise<void> {
  const now = () => wayTo(state, address);
  return untilNetwork(state, () => now() === wanted, now);
}
