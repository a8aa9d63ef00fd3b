import { type Address, addressEquals, prefixEquals } from '@lb/core';
import type { Neighbour, NetworkInterface, NetworkSpec, Route } from './spec.js';

/** Whether two networks are the same to the dataplane, entry by entry in order: then no new image is needed. */
export function networkEquals(a: NetworkSpec, b: NetworkSpec): boolean {
  return (
    listEquals(a.interfaces, b.interfaces, interfaceEquals) &&
    listEquals(a.neighbours, b.neighbours, neighbourEquals) &&
    listEquals(a.routes, b.routes, routeEquals)
  );
}

function interfaceEquals(a: NetworkInterface, b: NetworkInterface): boolean {
  return (
    a.name === b.name &&
    a.queue === b.queue &&
    a.mtu === b.mtu &&
    bytesEqual(a.mac, b.mac) &&
    listEquals(a.addresses, b.addresses, addressEquals)
  );
}

function neighbourEquals(a: Neighbour, b: Neighbour): boolean {
  return a.queue === b.queue && bytesEqual(a.mac, b.mac) && addressEquals(a.address, b.address);
}

function routeEquals(a: Route, b: Route): boolean {
  return (
    a.queue === b.queue && a.mtu === b.mtu && prefixEquals(a.prefix, b.prefix) && gatewayEquals(a.gateway, b.gateway)
  );
}

function gatewayEquals(a: Address | undefined, b: Address | undefined): boolean {
  return a === undefined || b === undefined ? a === b : addressEquals(a, b);
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function listEquals<T>(a: readonly T[], b: readonly T[], equals: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((entry, i) => equals(entry, b[i]));
}
