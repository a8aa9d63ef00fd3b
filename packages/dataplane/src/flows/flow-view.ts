import { type Family, type FlowTable, flowHash4, flowHash6, formatAddress, rawWord } from '@lb/core';
import { TICKS_PER_SECOND } from '../clock.js';
import type { Image } from '../image/image.js';
import { A, AsOwner, EncapCode, ImageFlag, V, VipFlag } from '../image/layout.js';
import { FlowState } from '../image/lifetimes.js';
import { D } from '../pipeline/flow-details.js';
import { identityPorts, identityProtocol } from '../pipeline/hash.js';
import { PROTOCOL_ICMP, PROTOCOL_ICMP6, PROTOCOL_TCP, PROTOCOL_UDP } from '../pipeline/protocols.js';
import type { FlowEntry, SlotNames, TcpState } from './flow-entry.js';
import type { FlowProbe } from './flow-probe.js';

/** Low 24 bits of a flow-table value: AS slot + 1. */
const FLOW_AS_MASK = 0xffffff;

/** Words of an entry from its position (packages/core/src/flow-table.ts). */
const HI = 4;
const EXPIRY = 8;
const VALUE = 12;

/**
 * One entry at a time of a flow table that a worker may be writing, as an image understands it. Nothing is allocated
 * before {@link entry}, so a whole table can be looked through.
 */
export class FlowView {
  vip = -1;
  as = -1;
  private lo = 0;
  private hi = 0;
  private expiry = 0;
  private flowState = 0;
  /** Raw addresses: source, then destination, four words each. */
  private readonly addresses = new Int32Array(8);
  private ports = 0;
  private kind = 0;
  private since = 0;
  private readonly identity = new Int32Array(2);

  constructor(
    private readonly image: Image,
    private readonly probe: FlowProbe,
  ) {}

  /** Take the entry at position `at`. False: there is none, it has ended, or its AS is no more. */
  take({ words }: FlowTable, at: number, now: number): boolean {
    const value = words[at + VALUE];
    const as = (value & FLOW_AS_MASK) - 1;
    if (as < 0) return false;
    this.expiry = (words[at + EXPIRY] - now) | 0;
    if (this.expiry <= 0 || as >= this.image.asSlots) return false;
    const owner = this.image.words[this.image.ass + as * A.WORDS + A.VIP];
    if (owner < 0) return false;
    this.as = as;
    this.flowState = value & FlowState.MASK;
    this.vip = owner & AsOwner.VIP;
    this.lo = words[at];
    this.hi = words[at + HI];
    return true;
  }

  /** Whether the taken entry is still where it was: what was read of it belongs together. */
  isStill({ words }: FlowTable, at: number): boolean {
    // Atomic, so that no processor reads these before what was read before.
    return (
      Atomics.load(words, at) === this.lo &&
      Atomics.load(words, at + HI) === this.hi &&
      (Atomics.load(words, at + VALUE) & FLOW_AS_MASK) === this.as + 1
    );
  }

  /** Take the details of the taken entry. False: there are none, or they are not (yet) of this flow. */
  takeDetails(table: FlowTable, at: number): boolean {
    if (table.sideWords === 0) return false;
    const { side } = table;
    const from = table.sideAt(at);
    const { addresses } = this;
    this.kind = side[from + D.KIND];
    this.ports = side[from + D.PORTS];
    this.since = side[from + D.SINCE];
    addresses[0] = side[from + D.SOURCE];
    addresses[4] = side[from + D.DESTINATION];
    const family = this.kind >>> 16;
    if (family !== 4 && family !== 6) return false;
    for (let k = 0; k < 3; k++) {
      addresses[1 + k] = family === 4 ? 0 : side[from + D.SOURCE_REST + k];
      addresses[5 + k] = family === 4 ? 0 : side[from + D.DESTINATION_REST + k];
    }
    return this.isWhole();
  }

  /** Details are being written, or of an entry before, unless they give the identity again. */
  private isWhole(): boolean {
    const { seed0, seed1 } = this.image;
    const { addresses, identity } = this;
    const flags = this.vipWord(V.FLAGS);
    const ports = identityPorts(flags, this.ports);
    const protocol = identityProtocol(flags, this.kind & 0xffff);
    if (this.isSix) flowHash6(seed0, seed1, addresses, 0, 4, ports, protocol, identity, 0, 1);
    else flowHash4(seed0, seed1, addresses[0], addresses[4], ports, protocol, identity, 0, 1);
    return identity[0] === this.lo && identity[1] === this.hi;
  }

  private get sticky(): boolean {
    return (this.vipWord(V.FLAGS) & VipFlag.STICKY) !== 0;
  }

  private get isSix(): boolean {
    return this.kind >>> 16 === 6;
  }

  private vipWord(word: V): number {
    return this.image.words[this.image.vips + this.vip * V.WORDS + word];
  }

  /**
   * Bucket of the taken entry's flow; −1 if it cannot be told.
   * @param detailed whether {@link takeDetails} has found some
   */
  bucket(detailed: boolean): number {
    const mask = this.vipWord(V.MASK);
    if ((this.image.flags & ImageFlag.HASH_VPP) === 0) return this.hi & mask;
    if (!detailed) return -1;
    return this.probe.bucketNumber(this.image, this.vip, this.isSix, this.addresses, this.ports) & mask;
  }

  /** Whether the client's raw address is `prefix` under `mask`, words of one family. After {@link takeDetails}. */
  clientIn(prefix: Int32Array, mask: Int32Array): boolean {
    if (this.isSix !== (prefix.length === 4)) return false;
    for (let k = 0; k < prefix.length; k++) if ((this.addresses[k] & mask[k]) !== prefix[k]) return false;
    return true;
  }

  /** IP protocol number; −1 where the VIP does not tell protocols apart. After {@link takeDetails}. */
  get protocol(): number {
    return this.sticky ? -1 : this.kind & 0xffff;
  }

  /** Port of the destination; −1 where the VIP does not tell ports apart, and for protocols without. After {@link takeDetails}. */
  get port(): number {
    const { protocol } = this;
    return protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP ? port(this.ports >>> 16) : -1;
  }

  /**
   * State of the taken entry's TCP connection; null where there is none, or where it cannot be told from another protocol's flow.
   * @param detailed whether {@link takeDetails} has found some
   */
  state(detailed: boolean): TcpState | null {
    // Nothing but TCP opens and closes; what is in neither state may be of any protocol.
    if (this.flowState === FlowState.OPENING) return 'opening';
    if (this.flowState === FlowState.CLOSING) return 'closing';
    return detailed && this.protocol === PROTOCOL_TCP ? 'established' : null;
  }

  /** Seconds since the taken entry's flow was given to its AS. After {@link takeDetails}. */
  ageSec(now: number): number {
    return Math.max(0, (now - this.since) | 0) / TICKS_PER_SECOND;
  }

  /** The taken entry in words; undefined if its VIP has no name. */
  entry(worker: number, detailed: boolean, now: number, names: SlotNames): FlowEntry | undefined {
    const vip = names.vip(this.vip);
    if (vip === undefined) return undefined;
    const bucket = this.bucket(detailed);
    return {
      worker,
      vipSlot: this.vip,
      asSlot: this.as,
      vip,
      as: names.as?.(this.as) ?? asAddress(this.image, this.as),
      ...this.ends(detailed),
      identity: `0x${hex32(this.hi)}${hex32(this.lo)}`,
      bucket: bucket < 0 ? null : bucket,
      ageSec: detailed ? this.ageSec(now) : null,
      state: this.state(detailed),
      expiresInSec: this.expiry / TICKS_PER_SECOND,
    };
  }

  private ends(
    detailed: boolean,
  ): Pick<FlowEntry, 'protocol' | 'client' | 'clientPort' | 'destination' | 'destinationPort'> {
    if (!detailed) {
      return { protocol: null, client: null, clientPort: null, destination: null, destinationPort: null };
    }
    const { addresses, ports, protocol } = this;
    const family = this.isSix ? 6 : 4;
    return {
      protocol: protocol < 0 ? null : protocolName(protocol),
      client: rawAddress(family, addresses, 0),
      clientPort: this.port < 0 ? null : port(ports),
      destination: rawAddress(family, addresses, 4),
      destinationPort: this.port < 0 ? null : this.port,
    };
  }
}

/** Address of an AS slot as an image has it. */
export function asAddress({ words, ass, vips }: Image, as: number): string {
  const record = ass + as * A.WORDS;
  const vip = words[record + A.VIP] & AsOwner.VIP;
  const encap = words[vips + vip * V.WORDS + V.ENCAP];
  const six = encap === EncapCode.GRE6 || encap === EncapCode.NAT6;
  return rawAddress(six ? 6 : 4, words, record + A.ADDRESS);
}

/** The address in raw words from `words[at]`, as text. */
export function rawAddress(family: Family, words: Int32Array, at: number): string {
  const copy = words.slice(at, at + (family === 6 ? 4 : 1));
  return formatAddress({ family, bytes: new Uint8Array(copy.buffer) });
}

/** The raw words of address bytes: one, or four of IPv6. */
export function rawWords(bytes: Uint8Array): Int32Array {
  return Int32Array.from({ length: bytes.length / 4 }, (_, k) => rawWord(bytes, k * 4));
}

/** `tcp`, `udp`, `icmp` (also ICMPv6), or the number. */
export function protocolName(protocol: number): string {
  if (protocol === PROTOCOL_TCP) return 'tcp';
  if (protocol === PROTOCOL_UDP) return 'udp';
  return protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMP6 ? 'icmp' : String(protocol);
}

/** The low 16 bits, raw, as a number. */
export function port(raw: number): number {
  return ((raw & 0xff) << 8) | ((raw >>> 8) & 0xff);
}

export function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
