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

/** Waits, by events, until the network is as wanted. Rejects after the deadline, with what it is then. */
export function untilNetwork(
  state: NetworkState,
  isWanted: (network: NetworkSpec) => boolean,
  describeNow: () => string,
  deadlineMs: number,
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
      end(() => reject(new Error(`after ${deadlineMs} ms the network is still: ${describeNow()}`)));
    }, deadlineMs);
    state.on('change', check);
    check();
  });
}

/** Waits until packets to the address go the wanted way; a second is what is promised. */
export function untilWay(state: NetworkState, address: string, wanted: string, deadlineMs = 1_000): Promise<void> {
  const now = () => wayTo(state, address);
  return untilNetwork(state, () => now() === wanted, now, deadlineMs);
}
