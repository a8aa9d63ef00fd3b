import {
  type Address,
  buildLpm4,
  buildLpm6,
  formatAddress,
  formatPrefix,
  type LpmEntry,
  lookupLpm4,
  lookupLpm6,
  rawWord,
} from '@lb/core';
import type { NetworkSpec, Route } from '../network/spec.js';
import { Hop, HopKind, Near, NO_LIMIT, OUTPUT_KERNEL, placeOf } from './layout.js';
import { hashPlaces } from './port-hash.js';

/** The network sections of an image. */
export interface NetworkSections {
  readonly hops: Uint32Array;
  readonly neighbours: Uint32Array;
  readonly neighboursMask: number;
  readonly routes4: Uint32Array;
  readonly routes6: Uint32Array;
}

/** Build hop records, the neighbour hash and the route tables. */
export function buildNetwork(network: NetworkSpec): NetworkSections {
  const numbers = new Map(network.neighbours.map((neighbour, i) => [formatAddress(neighbour.address), i + 1]));
  const hops = new Uint32Array((network.neighbours.length + 1) * Hop.WORDS);
  hops[Hop.KIND] = HopKind.KERNEL;
  hops[Hop.QUEUE] = OUTPUT_KERNEL;
  hops[Hop.MTU] = NO_LIMIT;
  network.neighbours.forEach((neighbour, i) => {
    const out = network.interfaces.find(({ queue }) => queue === neighbour.queue);
    const at = (i + 1) * Hop.WORDS;
    if (out === undefined) {
      hops.copyWithin(at, 0, Hop.WORDS);
      return;
    }
    hops[at + Hop.KIND] = HopKind.QUEUE;
    hops[at + Hop.QUEUE] = neighbour.queue;
    hops[at + Hop.MTU] = out.mtu;
    writeEthernet(hops, at + Hop.ETHERNET, neighbour.mac, out.mac, 0);
  });
  const mask = hashPlaces(network.neighbours.length) - 1;
  return {
    hops,
    neighbours: neighbourHash(network, mask),
    neighboursMask: mask,
    routes4: buildLpm4(routeEntries(network.routes, 4, numbers)),
    routes6: buildLpm6(routeEntries(network.routes, 6, numbers)),
  };
}

/** Index of the hop record for an address, as the pipeline finds it for return traffic. */
export function findHop(network: NetworkSections, address: Address): number {
  const [w0, w1, w2, w3] = addressWords(address);
  const route =
    address.family === 4 ? lookupLpm4(network.routes4, 0, w0) : lookupLpm6(network.routes6, 0, w0, w1, w2, w3);
  if (route < 0) return 0;
  if ((route & 1) === 0) return (route >>> 1) * Hop.WORDS;
  const mask = network.neighboursMask;
  for (let place = placeOf(w0 ^ w1 ^ w2 ^ w3, address.family, mask); ; place = (place + 1) & mask) {
    const at = place * Near.WORDS;
    const words = network.neighbours;
    if (words[at + Near.FAMILY] === 0) return 0;
    const same = [w0, w1, w2, w3].every((word, k) => words[at + k] === word >>> 0);
    if (same && words[at + Near.FAMILY] === address.family) return words[at + Near.HOP] * Hop.WORDS;
  }
}

/** Write an Ethernet header in the form of A.ETHERNET. */
export function writeEthernet(
  words: Uint32Array,
  at: number,
  destination: Uint8Array,
  source: Uint8Array,
  etherType: number,
): void {
  // Two bytes in front make words of what starts two bytes before a word.
  const header = new Uint8Array(16);
  header.set(destination, 2);
  header.set(source, 8);
  header[14] = etherType >>> 8;
  header[15] = etherType;
  for (let k = 0; k < 4; k++) words[at + k] = rawWord(header, k * 4);
  words[at] >>>= 16;
}

function neighbourHash(network: NetworkSpec, mask: number): Uint32Array {
  const words = new Uint32Array((mask + 1) * Near.WORDS);
  network.neighbours.forEach(({ address }, i) => {
    const key = addressWords(address);
    let place = placeOf(key[0] ^ key[1] ^ key[2] ^ key[3], address.family, mask);
    while (words[place * Near.WORDS + Near.FAMILY] !== 0) place = (place + 1) & mask;
    words.set([...key, address.family, i + 1], place * Near.WORDS);
  });
  return words;
}

function addressWords(address: Address): number[] {
  return [0, 4, 8, 12].map((at) => (at < address.bytes.length ? rawWord(address.bytes, at) : 0));
}

/** The first route of several to one prefix wins. */
function routeEntries(routes: readonly Route[], family: 4 | 6, numbers: ReadonlyMap<string, number>): LpmEntry[] {
  const entries = new Map<string, LpmEntry>();
  for (const { prefix, gateway, queue } of routes) {
    const key = formatPrefix(prefix);
    if (prefix.address.family !== family || entries.has(key)) continue;
    const direct = gateway === undefined && queue >= 0;
    const hop = queue < 0 || gateway === undefined ? 0 : (numbers.get(formatAddress(gateway)) ?? 0);
    entries.set(key, { prefix, value: direct ? queue * 2 + 1 : hop * 2 });
  }
  return [...entries.values()];
}
