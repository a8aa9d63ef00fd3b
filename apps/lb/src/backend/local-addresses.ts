import { networkInterfaces } from 'node:os';
import {
  type Address,
  addressEquals,
  formatAddress,
  formatPrefix,
  type Prefix,
  parseAddress,
  prefixContains,
} from '@lb/core';
import type { BackendSpec } from './backend-spec.js';
import { backendError } from './errors.js';

/** An address that an interface of this host has. */
export interface HostAddress {
  readonly interface: string;
  readonly address: Address;
  readonly loopback: boolean;
}

/** The addresses of all interfaces that are on, as the kernel tells them now. */
export function hostAddresses(): HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, internal }) => ({
      interface: name,
      address: parseAddress(address.replace(/%.*$/, '')),
      loopback: internal,
    })),
  );
}

/** Addresses that balanced traffic is sent to: those of the options, else those that the interfaces have, but for VIPs and link-local ones. */
export function localAddresses(spec: BackendSpec, host: readonly HostAddress[]): Address[] {
  if (spec.local !== undefined) return [...spec.local];
  const names = new Set(spec.interfaces.map(({ name }) => name));
  return host
    .filter((entry) => names.has(entry.interface))
    .map(({ address }) => address)
    .filter((address) => !isLinkLocal(address) && !spec.vips.some((vip) => prefixContains(vip, address)));
}

/** Whether both lists hold the same addresses in the same order. */
export function sameAddresses(a: readonly Address[], b: readonly Address[]): boolean {
  return a.length === b.length && a.every((address, i) => addressEquals(address, b[i]!));
}

/**
 * Refuses VIPs that would make addresses local to this host that it needs to talk to, or its own.
 * @param gateways next hops of the host's routes
 * @throws LbError LB_BACKEND_VIP
 */
export function checkVips(spec: BackendSpec, host: readonly HostAddress[], gateways: readonly Address[]): void {
  const bound = new Set(spec.interfaces.map(({ name }) => name));
  for (const vip of spec.vips) {
    const single = vip.length === vip.address.bytes.length * 8;
    const own = host.find(
      (entry) => !entry.loopback && prefixContains(vip, entry.address) && (!single || bound.has(entry.interface)),
    );
    if (own !== undefined) throw cutOff(vip, `${formatAddress(own.address)}, an address of ${own.interface}`);
    const gateway = gateways.find((address) => prefixContains(vip, address));
    if (gateway !== undefined) throw cutOff(vip, `${formatAddress(gateway)}, a gateway of this host`);
  }
}

function cutOff(vip: Prefix, contains: string): Error {
  return backendError(
    'LB_BACKEND_VIP',
    `VIP ${formatPrefix(vip)} contains ${contains}: as a VIP is local to the host, that would cut it off`,
  );
}

function isLinkLocal({ family, bytes }: Address): boolean {
  return family === 4 ? bytes[0] === 169 && bytes[1] === 254 : bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
}
