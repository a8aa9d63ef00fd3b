import { type Address, addressEquals, formatAddress, parseAddress, parsePrefix } from '@lb/core';
import type { NetworkSpec } from '@lb/dataplane';
import type { Random } from './random.js';
import { contains } from './services.js';

/** The way to an address. */
export interface NextHop {
  /** Queue that a packet leaves by; -1: the kernel routes it. */
  readonly output: number;
  /** Destination and source in its Ethernet header, absent where the kernel writes them. */
  readonly macs?: readonly [Uint8Array, Uint8Array];
  /** Longest IP packet, bytes. */
  readonly mtu: number;
}

const KERNEL = -1;

/** The way to an address: by the longest route, then the Ethernet address of the gateway, or of the address itself. */
export function nextHop({ routes, interfaces, neighbours }: NetworkSpec, address: Address): NextHop {
  let best: NetworkSpec['routes'][number] | undefined;
  for (const route of routes) {
    if (route.prefix.address.family !== address.family || !contains(route.prefix, address.bytes)) continue;
    if (best === undefined || route.prefix.length > best.prefix.length) best = route;
  }
  const out = interfaces.find(({ queue }) => queue === best?.queue);
  if (best === undefined || out === undefined) return { output: KERNEL, mtu: Number.POSITIVE_INFINITY };
  const via = best.gateway ?? address;
  // What waits for its neighbour to be found has to fit as well.
  const mtu = Math.min(out.mtu, best.mtu ?? out.mtu);
  const neighbour = neighbours.find((each) => each.queue === out.queue && addressEquals(each.address, via));
  return neighbour === undefined ? { output: KERNEL, mtu } : { output: out.queue, macs: [neighbour.mac, out.mac], mtu };
}

/** Those of IPv4 may be as small as 68 (RFC 791 §3.2). */
const MTUS = [72, 300, 576, 1280, 1500, 9000];
/** With NAT, whose headers are to be in the first piece with what it changes there: checksums, and the packet that an error is about. */
const NAT_MTUS = MTUS.slice(1);
const GATEWAYS = ['198.51.100.1', 'fe80::9'].map(parseAddress);
const PREFIXES = [
  '10.0.0.0/24',
  '10.0.0.4/32',
  '0.0.0.0/0',
  '90.1.2.9/32',
  '2001::/64',
  '2001::5/128',
  'fe80::/10',
  '::/0',
  '198.51.100.0/24',
  '2001:db8:c::/48',
];

/**
 * Two interfaces, and routes to some servers, whose neighbours are known or not.
 * @param clients to whom NAT's answers go; none without NAT
 */
export function randomNetwork(random: Random, servers: readonly Address[], clients: readonly Address[]): NetworkSpec {
  const mtus = clients.length > 0 ? NAT_MTUS : MTUS;
  const mac = (last: number): Uint8Array => Uint8Array.of(2, 0, 0xff, 0x80, 9, last);
  const interfaces = [0, 1].map((queue) => ({
    name: `lb${queue}`,
    queue,
    mac: mac(queue),
    mtu: random.pick(mtus),
    addresses: [],
  }));
  const known = new Map([...servers, ...GATEWAYS, ...clients].map((address) => [formatAddress(address), address]));
  const neighbours = [...known.values()].flatMap((address, k) =>
    [0, 1].filter(() => random.oneIn(2)).map((queue) => ({ address, mac: mac(16 + 2 * k + queue), queue })),
  );
  const routes = PREFIXES.filter(() => !random.oneIn(4)).map((prefix) => {
    const gateway = random.oneIn(2) ? { gateway: random.pick(GATEWAYS) } : undefined;
    const mtu = gateway && random.oneIn(2) ? { mtu: random.pick(mtus) } : undefined;
    return { prefix: parsePrefix(prefix), queue: random.pick([-1, 0, 0, 1, 1]), ...gateway, ...mtu };
  });
  return { interfaces, neighbours, routes };
}
