import { type Address, rawWord } from '@lb/core';
import {
  ETHERTYPE_IP4_RAW,
  ETHERTYPE_IP6_RAW,
  type FrameViews,
  GRE_ERROR,
  IP4_DST,
  IP4_FRAGMENT,
  IP4_HEADER_BYTES,
  IP4_LENGTH,
  IP4_PROTOCOL,
  IP4_SRC,
  IP6_DST,
  IP6_HEADER_BYTES,
  IP6_LENGTH,
  IP6_SRC,
  PROTOCOL_GRE,
  parseGre,
  rewriteL3dsr,
  swap16,
} from '@lb/encap';
import { AddressList } from './address-list.js';
import type { BackendSpec } from './backend-spec.js';
import { Outcome } from './outcome.js';
import { PrefixSet } from './prefix-set.js';

export const ETHERNET_BYTES = 14;
/** GRE without key, sequence number and checksum, by the family inside: the word in front of the inner packet. */
const PLAIN_GRE4_RAW = 0x0008_0000;
const PLAIN_GRE6_RAW = 0xdd86_0000;
const FRAGMENT_OFFSET_RAW = 0xff1f;
const NO_VIP = -1;
/** Where frames seem to come from; a locally administered address. */
const SOURCE_MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);

/**
 * Takes packets out of their encapsulation and makes them Ethernet frames for the TAP, in place. Only plain GRE is
 * looked into, as balancers send it: tunnels of the host's own with keys, sequence numbers or checksums stay the kernel's.
 */
export class Unwrapper {
  /** The frame for the host after a delivered {@link unwrap}: byte offset of its Ethernet header, and its length. */
  offset = 0;
  length = 0;
  private readonly vips: PrefixSet;
  private readonly from: PrefixSet | undefined;
  /** By DSCP: the VIP as a raw word, or {@link NO_VIP}. */
  private readonly vipOfDscp = new Float64Array(64).fill(NO_VIP);
  private local = new AddressList([]);

  /** @param mac of the TAP: 6 bytes */
  constructor(
    private readonly frames: FrameViews,
    spec: Pick<BackendSpec, 'vips' | 'dscp' | 'from'>,
    private readonly mac: Uint8Array,
  ) {
    this.vips = new PrefixSet(spec.vips);
    this.from = spec.from.length === 0 ? undefined : new PrefixSet(spec.from);
    for (const { dscp, vip } of spec.dscp) this.vipOfDscp[dscp] = rawWord(vip.bytes, 0);
  }

  /** The server's own addresses: only what is sent to them is taken. */
  setLocal(addresses: readonly Address[]): void {
    this.local = new AddressList(addresses);
  }

  /**
   * Looks at the frame whose Ethernet header is at byte offset `offset` (≡ 2 mod 4). Tagged frames are others': they
   * arrive again, without the tag, on their VLAN's own interface.
   * @returns an {@link Outcome}; the frame is changed only if that is to be delivered
   */
  unwrap(offset: number, length: number): number {
    const { u16 } = this.frames;
    const ip = offset + ETHERNET_BYTES;
    const ipBytes = length - ETHERNET_BYTES;
    const type = u16[(offset + 12) >>> 1];
    if (type === ETHERTYPE_IP4_RAW && ipBytes >= IP4_HEADER_BYTES) return this.ip4(ip, ipBytes);
    if (type === ETHERTYPE_IP6_RAW && ipBytes >= IP6_HEADER_BYTES) return this.ip6(ip, ipBytes);
    return Outcome.OTHER;
  }

  private ip4(ip: number, bytes: number): number {
    const { u8, u32 } = this.frames;
    if (!this.local.has4(u32, ip + IP4_DST)) return Outcome.OTHER;
    if (u8[ip + IP4_PROTOCOL] === PROTOCOL_GRE) {
      return this.gre(ip, bytes, Outcome.GRE4, this.from?.has4(u32, ip + IP4_SRC) ?? true);
    }
    const vipRaw = this.vipOfDscp[u8[ip + 1] >>> 2];
    return vipRaw === NO_VIP ? Outcome.OTHER : this.l3dsr(ip, bytes, vipRaw);
  }

  private ip6(ip: number, bytes: number): number {
    const { u32 } = this.frames;
    if (!this.local.has6(u32, ip + IP6_DST)) return Outcome.OTHER;
    return this.gre(ip, bytes, Outcome.GRE6, this.from?.has6(u32, ip + IP6_SRC) ?? true);
  }

  /**
   * @param taken the outcome when it is GRE with a VIP inside
   * @param allowed whether GRE is taken from its source
   */
  private gre(outer: number, bytes: number, taken: number, allowed: boolean): number {
    const { u8, u16, u32 } = this.frames;
    const inner = parseGre(u8, outer, bytes);
    if (inner < 0) return outcomeOfError(inner);
    const header = u32[(inner - 4) >>> 2];
    if (header === PLAIN_GRE4_RAW) {
      if (!this.vips.has4(u32, inner + IP4_DST)) return Outcome.NOT_VIP;
    } else if (header === PLAIN_GRE6_RAW) {
      if (!this.vips.has6(u32, inner + IP6_DST)) return Outcome.NOT_VIP;
    } else {
      return Outcome.OTHER;
    }
    if (!allowed) return Outcome.REFUSED;
    const ip4 = header === PLAIN_GRE4_RAW;
    const lengthBytes = ip4
      ? swap16(u16[(inner + IP4_LENGTH) >>> 1])
      : IP6_HEADER_BYTES + swap16(u16[(inner + IP6_LENGTH) >>> 1]);
    return this.deliver(inner, lengthBytes, ip4 ? ETHERTYPE_IP4_RAW : ETHERTYPE_IP6_RAW, taken);
  }

  /** The DSCP value stays, since what it was before the balancer is not known. */
  private l3dsr(ip: number, bytes: number, vipRaw: number): number {
    const { u8, u16, u32 } = this.frames;
    const headerBytes = (u8[ip] & 15) << 2;
    const lengthBytes = swap16(u16[(ip + IP4_LENGTH) >>> 1]);
    if (u8[ip] >>> 4 !== 4 || headerBytes < IP4_HEADER_BYTES || lengthBytes < headerBytes || lengthBytes > bytes) {
      return Outcome.MALFORMED;
    }
    const later = (u16[(ip + IP4_FRAGMENT) >>> 1] & FRAGMENT_OFFSET_RAW) !== 0;
    rewriteL3dsr(u16, u32, ip, later ? 0 : ip + headerBytes, u8[ip + IP4_PROTOCOL], vipRaw, u8[ip + 1] >>> 2);
    return this.deliver(ip, lengthBytes, ETHERTYPE_IP4_RAW, Outcome.L3DSR);
  }

  private deliver(ip: number, lengthBytes: number, etherTypeRaw: number, outcome: number): number {
    const { u8, u16 } = this.frames;
    const offset = ip - ETHERNET_BYTES;
    u8.set(this.mac, offset);
    u8.set(SOURCE_MAC, offset + 6);
    u16[(offset + 12) >>> 1] = etherTypeRaw;
    this.offset = offset;
    this.length = ETHERNET_BYTES + lengthBytes;
    return outcome;
  }
}

function outcomeOfError(error: number): number {
  if (error === GRE_ERROR.fragment) return Outcome.OUTER_FRAGMENT;
  if (error === GRE_ERROR.truncated || error === GRE_ERROR.checksum) return Outcome.MALFORMED;
  return Outcome.OTHER;
}
