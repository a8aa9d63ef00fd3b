import {
  type Address,
  buildLpm4,
  buildLpm6,
  buildMaglevTable,
  buildVppTable,
  DEFAULT_FLOW_HASH_SEED,
  formatAddress,
  rawWord,
} from '@lb/core';
import { gre4Template, gre6Template } from '@lb/encap';
import { TICKS_PER_SECOND } from '../clock.js';
import { Image } from './image.js';
import { A, AS_VACANT, EncapCode, H, IMAGE_LAYOUT_VERSION, IMAGE_MAGIC, ImageFlag, V, VipFlag } from './layout.js';
import { buildNatHash } from './nat-hash.js';
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

/** Build the image of a specification in fresh shared memory. */
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

  const sections = new Sections();
  const at = {
    lpm4: sections.take(lpm4.length),
    lpm6: sections.take(lpm6.length),
    prefixes: sections.take(records.length),
    ports: sections.take(ports.words.length),
    nat: sections.take(nat.words.length),
    vips: sections.take(placement.vipSlots * V.WORDS),
    ass: sections.take(placement.asSlots * A.WORDS),
    tables: sections.take(spec.vips.reduce((sum, vip) => sum + vip.newLen, 0)),
  };
  const words = new Uint32Array(new SharedArrayBuffer(sections.length * 4));
  const [seed0, seed1] = options.seed ?? DEFAULT_FLOW_HASH_SEED;
  words[H.MAGIC] = IMAGE_MAGIC;
  words[H.VERSION] = IMAGE_LAYOUT_VERSION;
  words[H.REVISION] = options.revision ?? 0;
  words[H.FLAGS] = flagsOf(spec);
  words[H.TIMEOUT_TICKS] = Math.max(1, Math.round(spec.timeoutSec * TICKS_PER_SECOND));
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
  words.set(lpm4, at.lpm4);
  words.set(lpm6, at.lpm6);
  words.set(records, at.prefixes);
  words.set(ports.words, at.ports);
  words.set(nat.words, at.nat);
  for (let slot = 0; slot < placement.asSlots; slot++) words[at.ass + slot * A.WORDS + A.VIP] = AS_VACANT;

  const writeAs = ({ vip, as, slot }: AsPlacement): void => {
    writeAsRecord(words, at.ass + slot * A.WORDS, placement.vipSlot(vip), vip, as, spec, options);
  };
  placement.lingering.forEach(writeAs);
  let table = at.tables;
  for (const vip of spec.vips) {
    writeVipRecord(words, at.vips + placement.vipSlot(vip) * V.WORDS, vip, table);
    writeTable(words, table, spec, vip, placement);
    table += vip.newLen;
    for (const as of vip.ass) writeAs({ vip, as, slot: placement.asSlot(vip, as) });
  }
  return new Image(words);
}

function nodeAddress(spec: ImageSpec, vip: VipSpec): Address | undefined {
  return vip.prefix.address.family === 4 ? spec.ip4Src : spec.ip6Src;
}

function flagsOf(spec: ImageSpec): number {
  let flags = 0;
  if (spec.nat4In) flags |= ImageFlag.NAT4_IN;
  if (spec.nat6In) flags |= ImageFlag.NAT6_IN;
  if (spec.flowHash === 'vpp') flags |= ImageFlag.HASH_VPP;
  if (spec.vips.some((vip) => vip.encap === 'nat4' || vip.encap === 'nat6')) flags |= ImageFlag.HAS_NAT;
  if (spec.vips.some((vip) => vip.srcIpSticky)) flags |= ImageFlag.HAS_STICKY;
  return flags;
}

function writeTable(words: Uint32Array, at: number, spec: ImageSpec, vip: VipSpec, placement: Placement): void {
  const table = spec.table === 'vpp' ? buildVppTable(vip.ass, vip.newLen) : buildMaglevTable(vip.ass, vip.newLen);
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
    (vip.prefix.address.family === 6 ? VipFlag.IPV6 : 0);
  words[at + V.DSCP] = vip.dscp;
  words[at + V.PORT] = rawPort(vip.port);
  words[at + V.TARGET_PORT] = rawPort(vip.targetPort);
  words[at + V.NODE_PORT] = rawPort(vip.nodePort);
  writeAddress(words, at + V.ADDRESS, vip.prefix.address.bytes);
  words[at + V.PREFIX_LENGTH] = vip.prefix.length;
}

function writeAsRecord(
  words: Uint32Array,
  at: number,
  vipSlot: number,
  vip: VipSpec,
  as: AsSpec,
  spec: ImageSpec,
  options: CompileOptions,
): void {
  const bytes = as.address.bytes;
  words[at + A.VIP] = vipSlot;
  writeAddress(words, at + A.ADDRESS, bytes);
  const hop = options.nextHop?.(formatAddress(as.address));
  if (hop !== undefined) {
    words[at + A.NEXT_HOP] = 1;
    words[at + A.QUEUE] = hop.queue;
    // Two bytes in front make words of what starts two bytes before a word.
    const header = new Uint8Array(16);
    header.set(hop.destinationMac, 2);
    header.set(hop.sourceMac, 8);
    header.set(vip.encap === 'gre6' || vip.encap === 'nat6' ? [0x86, 0xdd] : [0x08, 0x00], 14);
    writeAddress(words, at + A.ETHERNET, header);
    words[at + A.ETHERNET] >>>= 16;
  }
  const inner = vip.prefix.address.family;
  if (vip.encap === 'gre4') gre4Template(spec.ip4Src?.bytes ?? UNSET4, bytes, inner, words, at + A.TEMPLATE);
  if (vip.encap === 'gre6') gre6Template(spec.ip6Src?.bytes ?? UNSET6, bytes, inner, words, at + A.TEMPLATE);
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
