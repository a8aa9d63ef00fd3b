import { type Address, buildLpm4, buildLpm6, DEFAULT_FLOW_HASH_SEED, formatAddress, rawWord } from '@lb/core';
import { gre4Template, gre6Template } from '@lb/encap';
import type { NetworkSpec } from '../network/spec.js';
import { Image } from './image.js';
import {
  A,
  AS_VACANT,
  AsOwner,
  EncapCode,
  H,
  Hop,
  HopKind,
  IMAGE_LAYOUT_VERSION,
  IMAGE_MAGIC,
  ImageFlag,
  NO_LIMIT,
  V,
  VipFlag,
} from './layout.js';
import { lifetimes } from './lifetimes.js';
import { buildNatHash } from './nat-hash.js';
import { buildNetwork, findHop, type NetworkSections, writeEthernet } from './network-sections.js';
import type { AsPlacement, Placement } from './placement.js';
import { buildPortHash, rawPort } from './port-hash.js';
import { PrefixSet } from './prefix-set.js';
import type { AsSpec, Encap, ImageSpec, VipSpec } from './spec.js';

/** Where a resolved next hop leads: Ethernet addresses and the output queue. */
export interface NextHop {
  readonly destinationMac: Uint8Array;
  readonly sourceMac: Uint8Array;
  readonly queue: number;
}

export interface CompileOptions {
  /** Number carried in the image and acknowledged by workers. */
  revision?: number;
  /** 64-bit seed of the flow hash in two words. */
  seed?: readonly [number, number];
  /** Next hop per AS address (canonical text); Ethernet addresses stay as they came where it answers undefined. */
  nextHop?: (address: string) => NextHop | undefined;
  /** The network around: next hops for everything {@link nextHop} does not answer. */
  network?: NetworkSpec;
  /** Keys (asKey) of ASs, removed or not, whose established flows must be balanced anew. */
  flush?: ReadonlySet<string>;
}

const ENCAP_CODES: Record<Encap, number> = {
  gre4: EncapCode.GRE4,
  gre6: EncapCode.GRE6,
  l3dsr: EncapCode.L3DSR,
  nat4: EncapCode.NAT4,
  nat6: EncapCode.NAT6,
};

/** Outer source when none is configured: the all-ones address, as VPP has it. */
const UNSET4 = new Uint8Array(4).fill(255);
const UNSET6 = new Uint8Array(16).fill(255);

/** Build the image of a specification in fresh memory. */
export function buildImage(spec: ImageSpec, options: CompileOptions, placement: Placement): Image {
  const prefixes = new PrefixSet();
  for (const vip of spec.vips) prefixes.add(vip.prefix, vip.port === 0 ? placement.vipSlot(vip) : -1);
  for (const vip of spec.vips) {
    const node = nodeAddress(spec, vip);
    if (vip.nodePort !== 0 && node !== undefined) prefixes.addNode(node);
  }
  const lpm4 = buildLpm4(prefixes.entries(4));
  const lpm6 = buildLpm6(prefixes.entries(6));
  const ports = buildPortHash(spec.vips, prefixes, placement, (vip) => nodeAddress(spec, vip));
  const nat = buildNatHash(spec.vips, placement);
  const records = prefixes.records();
  const network = options.network && buildNetwork(options.network);

  const sections = new Sections();
  const at = {
    lpm4: sections.take(lpm4.length),
    lpm6: sections.take(lpm6.length),
    prefixes: sections.take(records.length),
    ports: sections.take(ports.words.length),
    nat: sections.take(nat.words.length),
    vips: sections.take(placement.vipSlots * V.WORDS),
    ass: sections.take(placement.asSlots * A.WORDS),
    hops: sections.take(network?.hops.length ?? 0),
    neighbours: sections.take(network?.neighbours.length ?? 0),
    routes4: sections.take(network?.routes4.length ?? 0),
    routes6: sections.take(network?.routes6.length ?? 0),
    tables: sections.take(spec.vips.reduce((sum, vip) => sum + vip.newLen, 0)),
  };
  const words = new Uint32Array(sections.length);
  const [seed0, seed1] = options.seed ?? DEFAULT_FLOW_HASH_SEED;
  words[H.MAGIC] = IMAGE_MAGIC;
  words[H.VERSION] = IMAGE_LAYOUT_VERSION;
  words[H.REVISION] = options.revision ?? 0;
  words[H.FLAGS] = flagsOf(spec, options);
  words.set(lifetimes(spec), H.LIFETIMES);
  words[H.VIP_SLOTS] = placement.vipSlots;
  words[H.AS_SLOTS] = placement.asSlots;
  words[H.LPM4] = at.lpm4;
  words[H.LPM6] = at.lpm6;
  words[H.PREFIXES] = at.prefixes;
  words[H.PORTS] = at.ports;
  words[H.PORTS_MASK] = ports.mask;
  words[H.VIPS] = at.vips;
  words[H.ASS] = at.ass;
  words[H.NAT] = at.nat;
  words[H.NAT_MASK] = nat.mask;
  words[H.SEED0] = seed0;
  words[H.SEED1] = seed1;
  words[H.NAT4_QUEUES] = queueBits(spec.nat4In, spec.nat4InQueues);
  words[H.NAT6_QUEUES] = queueBits(spec.nat6In, spec.nat6InQueues);
  words[H.SOURCE4_MASK] = rangeMask(32, spec.ip4SrcRange?.length);
  words[H.SOURCE6_MASK] = rangeMask(128, spec.ip6SrcRange?.length);
  if (network !== undefined) {
    words[H.HOPS] = at.hops;
    words[H.NEIGHBOURS] = at.neighbours;
    words[H.NEIGHBOURS_MASK] = network.neighboursMask;
    words[H.ROUTES4] = at.routes4;
    words[H.ROUTES6] = at.routes6;
    words.set(network.hops, at.hops);
    words.set(network.neighbours, at.neighbours);
    words.set(network.routes4, at.routes4);
    words.set(network.routes6, at.routes6);
  }
  words.set(lpm4, at.lpm4);
  words.set(lpm6, at.lpm6);
  words.set(records, at.prefixes);
  words.set(ports.words, at.ports);
  words.set(nat.words, at.nat);
  for (let slot = 0; slot < placement.asSlots; slot++) words[at.ass + slot * A.WORDS + A.VIP] = AS_VACANT;

  const writeAs = ({ vip, as, slot }: AsPlacement): void => {
    writeAsRecord(words, at.ass + slot * A.WORDS, placement.vipSlot(vip), vip, as, spec, options, network);
  };
  // An AS that has left the configuration drains until its last flow is over.
  for (const { vip, as, slot } of placement.lingering) writeAs({ vip, as: { ...as, draining: true }, slot });
  let table = at.tables;
  for (const vip of spec.vips) {
    writeVipRecord(words, at.vips + placement.vipSlot(vip) * V.WORDS, vip, table);
    writeTable(words, table, vip, placement);
    table += vip.newLen;
    for (const as of vip.ass) writeAs({ vip, as, slot: placement.asSlot(vip, as) });
  }
  words[H.SHORTEST_LIMIT] = shortestLimit(words, at.ass, placement.asSlots);
  return new Image(words);
}

function nodeAddress(spec: ImageSpec, vip: VipSpec): Address | undefined {
  return vip.prefix.address.family === 4 ? spec.ip4Src : spec.ip6Src;
}

function flagsOf(spec: ImageSpec, options: CompileOptions): number {
  let flags = 0;
  if (options.network !== undefined) flags |= ImageFlag.HAS_NETWORK;
  if (spec.vips.some((vip) => (vip.mssClamp ?? 0) > 0)) flags |= ImageFlag.HAS_MSS;
  if (spec.flowHash === 'vpp') flags |= ImageFlag.HASH_VPP;
  if (spec.vips.some((vip) => vip.encap === 'nat4' || vip.encap === 'nat6')) flags |= ImageFlag.HAS_NAT;
  if (spec.vips.some((vip) => vip.srcIpSticky)) flags |= ImageFlag.HAS_STICKY;
  return flags;
}

function writeTable(words: Uint32Array, at: number, vip: VipSpec, placement: Placement): void {
  const table = placement.table(vip);
  const slots = vip.ass.map((as) => placement.asSlot(vip, as));
  for (let bucket = 0; bucket < table.length; bucket++) {
    const as = table[bucket];
    words[at + bucket] = as < 0 ? 0 : slots[as] + 1;
  }
}

function writeVipRecord(words: Uint32Array, at: number, vip: VipSpec, table: number): void {
  words[at + V.TABLE] = table;
  words[at + V.MASK] = vip.newLen - 1;
  words[at + V.ENCAP] = ENCAP_CODES[vip.encap];
  words[at + V.FLAGS] =
    VipFlag.USED |
    (vip.srcIpSticky ? VipFlag.STICKY : 0) |
    (vip.port !== 0 ? VipFlag.PER_PORT : 0) |
    (vip.port !== 0 && vip.protocol !== 0 ? VipFlag.ONE_PROTOCOL : 0) |
    (vip.prefix.address.family === 6 ? VipFlag.IPV6 : 0);
  words[at + V.DSCP] = vip.dscp;
  words[at + V.PORT] = rawPort(vip.port);
  words[at + V.TARGET_PORT] = rawPort(vip.targetPort);
  words[at + V.NODE_PORT] = rawPort(vip.nodePort);
  writeAddress(words, at + V.ADDRESS, vip.prefix.address.bytes);
  words[at + V.PREFIX_LENGTH] = vip.prefix.length;
  words[at + V.MSS] = vip.mssClamp ?? 0;
}

function writeAsRecord(
  words: Uint32Array,
  at: number,
  vipSlot: number,
  vip: VipSpec,
  as: AsSpec,
  spec: ImageSpec,
  options: CompileOptions,
  sections: NetworkSections | undefined,
): void {
  const bytes = as.address.bytes;
  words[at + A.VIP] = vipSlot | (as.draining ? AsOwner.DRAINING | (as.udpEnds ? AsOwner.UDP_ENDS : 0) : 0);
  writeAddress(words, at + A.ADDRESS, bytes);
  writeNextHop(words, at, vip, as, options, sections);
  const inner = vip.prefix.address.family;
  const source4 = spec.ip4SrcRange?.address ?? spec.ip4Src;
  const source6 = spec.ip6SrcRange?.address ?? spec.ip6Src;
  if (vip.encap === 'gre4') gre4Template(source4?.bytes ?? UNSET4, bytes, inner, words, at + A.TEMPLATE);
  if (vip.encap === 'gre6') gre6Template(source6?.bytes ?? UNSET6, bytes, inner, words, at + A.TEMPLATE);
}

/** Bytes that an encap adds to an IP packet. */
const OVERHEAD: Record<Encap, number> = { gre4: 24, gre6: 44, l3dsr: 0, nat4: 0, nat6: 0 };

/** How packets get to an AS: given (nextHop), by the network, or as they came. */
function writeNextHop(
  words: Uint32Array,
  at: number,
  vip: VipSpec,
  as: AsSpec,
  options: CompileOptions,
  network: NetworkSections | undefined,
): void {
  words[at + A.LIMIT] = NO_LIMIT;
  const etherType = vip.encap === 'gre6' || vip.encap === 'nat6' ? 0x86dd : 0x0800;
  const given = options.nextHop?.(formatAddress(as.address));
  if (given !== undefined) {
    words[at + A.NEXT_HOP] = HopKind.QUEUE;
    words[at + A.QUEUE] = given.queue;
    writeEthernet(words, at + A.ETHERNET, given.destinationMac, given.sourceMac, etherType);
  } else if (network !== undefined) {
    const hop = findHop(network, as.address);
    words[at + A.NEXT_HOP] = network.hops[hop + Hop.KIND];
    words[at + A.QUEUE] = network.hops[hop + Hop.QUEUE];
    for (let k = 0; k < 4; k++) words[at + A.ETHERNET + k] = network.hops[hop + Hop.ETHERNET + k];
    words[at + A.ETHERNET + 3] |= ((etherType & 0xff) << 24) | ((etherType >>> 8) << 16);
    const mtu = network.hops[hop + Hop.MTU];
    if (mtu !== NO_LIMIT) words[at + A.LIMIT] = mtu - OVERHEAD[vip.encap];
  }
}

/** The shortest limit of all AS records. */
function shortestLimit(words: Uint32Array, ass: number, slots: number): number {
  let shortest = NO_LIMIT;
  for (let slot = 0; slot < slots; slot++) {
    const at = ass + slot * A.WORDS;
    if (words[at + A.VIP] !== AS_VACANT >>> 0) shortest = Math.min(shortest, words[at + A.LIMIT]);
  }
  return shortest;
}

/** Bits that a range of prefix length `length` leaves to the flow, as a raw word: the last four bytes of an address. */
function rangeMask(width: number, length: number | undefined): number {
  const free = Math.min(32, width - (length ?? width));
  const mask = free === 32 ? 0xffffffff : 2 ** free - 1;
  return rawWord(Uint8Array.of(mask >>> 24, mask >>> 16, mask >>> 8, mask), 0);
}

/** Bits of the queues on which return traffic may arrive. */
function queueBits(present: boolean, queues: readonly number[] | undefined): number {
  if (!present) return 0;
  return queues === undefined ? 0xffffffff : queues.reduce((bits, queue) => bits | (1 << queue), 0);
}

/** Bytes as raw words. */
function writeAddress(words: Uint32Array, at: number, bytes: Uint8Array): void {
  for (let k = 0; k * 4 < bytes.length; k++) words[at + k] = rawWord(bytes, k * 4);
}

/** Hands out consecutive, cache-line aligned sections. */
class Sections {
  length: number = H.WORDS;

  take(words: number): number {
    const at = this.length;
    this.length += Math.ceil(words / 16) * 16;
    return at;
  }
}
