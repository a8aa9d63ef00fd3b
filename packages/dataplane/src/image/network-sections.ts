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
import type { Neighbour, NetworkSpec, Route } from '../network/spec.js';
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
  const hops = new HopRecords(network);
  const mask = hashPlaces(network.neighbours.length) - 1;
  const neighbours = neighbourHash(network, mask, hops);
  const routes4 = buildLpm4(routeEntries(network.routes, 4, hops));
  const routes6 = buildLpm6(routeEntries(network.routes, 6, hops));
  return { hops: hops.words(), neighbours, neighboursMask: mask, routes4, routes6 };
}

/**
 * Hop records by number: 0 is the kernel, 1 + q the kernel on the way out of queue q (what is not resolved yet, but must
 * fit all the same), then one for each neighbour, then those of routes that allow less than their interface does.
 */
class HopRecords {
  private readonly records: Uint32Array[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly neighbourOf = new Map<number, Neighbour>();

  constructor(private readonly network: NetworkSpec) {
    this.records.push(kernelHop(NO_LIMIT));
    const queues = Math.max(
      -1,
      ...network.interfaces.map(({ queue }) => queue),
      ...network.routes.map(({ queue }) => queue),
    );
    for (let q = 0; q <= queues; q++) {
      this.records.push(kernelHop(network.interfaces.find(({ queue }) => queue === q)?.mtu ?? NO_LIMIT));
    }
    for (const neighbour of network.neighbours) {
      this.numbers.set(`${formatAddress(neighbour.address)} ${neighbour.queue}`, this.records.length);
      this.neighbourOf.set(this.records.length, neighbour);
      this.records.push(this.hop(neighbour, NO_LIMIT));
    }
  }

  private hop(neighbour: Neighbour, mtu: number): Uint32Array {
    const out = this.network.interfaces.find(({ queue }) => queue === neighbour.queue);
    if (out === undefined) return kernelHop(NO_LIMIT);
    const record = new Uint32Array(Hop.WORDS);
    record[Hop.KIND] = HopKind.QUEUE;
    record[Hop.QUEUE] = neighbour.queue;
    record[Hop.MTU] = Math.min(mtu, out.mtu);
    writeEthernet(record, Hop.ETHERNET, neighbour.mac, out.mac, 0);
    return record;
  }

  /** Number of a neighbour's hop, undefined when it is not resolved. */
  numberOf(address: Address, queue: number): number | undefined {
    return this.numbers.get(`${formatAddress(address)} ${queue}`);
  }

  /** Number of the hop to a gateway: the kernel's when it is not resolved. */
  gateway(address: Address, queue: number, mtu = NO_LIMIT): number {
    const number = this.numberOf(address, queue) ?? 1 + queue;
    if (mtu >= this.records[number][Hop.MTU]) return number;
    const neighbour = this.neighbourOf.get(number);
    return this.records.push(neighbour === undefined ? kernelHop(mtu) : this.hop(neighbour, mtu)) - 1;
  }

  words(): Uint32Array {
    const words = new Uint32Array(this.records.length * Hop.WORDS);
    this.records.forEach((record, number) => {
      words.set(record, number * Hop.WORDS);
    });
    return words;
  }
}

function kernelHop(mtu: number): Uint32Array {
  const record = new Uint32Array(Hop.WORDS);
  record[Hop.KIND] = HopKind.KERNEL;
  record[Hop.QUEUE] = OUTPUT_KERNEL;
  record[Hop.MTU] = mtu;
  return record;
}

/** Index of the hop record for an address, as the pipeline finds it for return traffic. */
export function findHop(network: NetworkSections, address: Address): number {
  const [w0, w1, w2, w3] = addressWords(address);
  const route =
    address.family === 4 ? lookupLpm4(network.routes4, 0, w0) : lookupLpm6(network.routes6, 0, w0, w1, w2, w3);
  if (route < 0) return 0;
  if ((route & 1) === 0) return (route >>> 1) * Hop.WORDS;
  const mask = network.neighboursMask;
  const tail = address.family | ((route >>> 1) << 8);
  for (let place = placeOf(w0 ^ w1 ^ w2 ^ w3, tail, mask); ; place = (place + 1) & mask) {
    const at = place * Near.WORDS;
    const words = network.neighbours;
    if (words[at + Near.TAIL] === 0) return (1 + (route >>> 1)) * Hop.WORDS;
    const same = [w0, w1, w2, w3].every((word, k) => words[at + k] === word >>> 0);
    if (same && words[at + Near.TAIL] === tail) return words[at + Near.HOP] * Hop.WORDS;
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

function neighbourHash(network: NetworkSpec, mask: number, hops: HopRecords): Uint32Array {
  const words = new Uint32Array((mask + 1) * Near.WORDS);
  network.neighbours.forEach(({ address, queue }) => {
    const key = addressWords(address);
    const tail = address.family | (queue << 8);
    let place = placeOf(key[0] ^ key[1] ^ key[2] ^ key[3], tail, mask);
    while (words[place * Near.WORDS + Near.TAIL] !== 0) place = (place + 1) & mask;
    words.set([...key, tail, hops.numberOf(address, queue)!], place * Near.WORDS);
  });
  return words;
}

function addressWords(address: Address): number[] {
  return [0, 4, 8, 12].map((at) => (at < address.bytes.length ? rawWord(address.bytes, at) : 0));
}

/** The first route of several to one prefix wins. A smaller MTU of a route without gateway is not looked at. */
function routeEntries(routes: readonly Route[], family: 4 | 6, hops: HopRecords): LpmEntry[] {
  const entries = new Map<string, LpmEntry>();
  for (const { prefix, gateway, queue, mtu } of routes) {
    const key = formatPrefix(prefix);
    if (prefix.address.family !== family || entries.has(key)) continue;
    let value = 0;
    if (queue >= 0) value = gateway === undefined ? queue * 2 + 1 : hops.gateway(gateway, queue, mtu) * 2;
    entries.set(key, { prefix, value });
  }
  return [...entries.values()];
}
