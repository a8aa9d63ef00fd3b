import type { VipSpec } from '@lb/dataplane';
import { amend, checksum, concat, put16, u16, unhex } from './bytes.js';
import { type Packet, type Quoted, TCP, UDP } from './packet.js';

const GRE = 47;
const DCCP = 33;
const UDPLITE = 136;

/** What changes in a packet; what is absent stays. Addresses are hex text. */
export interface Change {
  readonly src?: string;
  readonly dst?: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly dscp?: number;
}

/** The frame without the padding behind its IP packet. */
function unpadded({ frame, ip, ipLength }: Packet): Uint8Array {
  return frame.slice(0, ip + ipLength);
}

/** GRE (RFC 2784) over IPv4 or IPv6 to an AS; undefined if that would be longer than an IP packet can be. */
export function encapsulate(packet: Packet, source: Uint8Array, as: Uint8Array): Uint8Array | undefined {
  const { frame, ip, ipLength, family } = packet;
  const inner = frame.subarray(ip, ip + ipLength);
  const gre = Uint8Array.of(0, 0, ...(family === 4 ? [0x08, 0x00] : [0x86, 0xdd]));
  const link = frame.slice(0, ip);
  put16(link, ip - 2, as.length === 4 ? 0x0800 : 0x86dd);
  let outer: Uint8Array;
  if (as.length === 4) {
    const total = 20 + 4 + inner.length;
    if (total > 65535) return undefined;
    outer = concat(Uint8Array.of(0x45, 0, 0, 0, 0, 0, 0, 0, 128, GRE, 0, 0), source, as);
    put16(outer, 2, total);
    put16(outer, 10, checksum(outer, 0, 20));
  } else {
    if (40 + 4 + inner.length > 65535) return undefined;
    outer = concat(Uint8Array.of(0x60, 0, 0, 0, 0, 0, GRE, 128), source, as);
    put16(outer, 4, 4 + inner.length);
  }
  return concat(link, outer, gre, inner);
}

/** The packet one hop further with some fields changed, and every checksum that covers them (RFC 1624). */
export function rewrite(packet: Packet, change: Change): Uint8Array {
  const { frame, ip, family } = packet;
  const out = unpadded(packet);
  out[ip + (family === 4 ? 8 : 7)] -= 1;
  if (change.dscp !== undefined) out[ip + 1] = change.dscp * 4 + (frame[ip + 1] & 3);
  setAddresses(out, ip, family, change);
  if (family === 4) amendIp4(frame, out, ip);
  if (packet.l4 !== undefined) {
    setPorts(out, packet.l4, packet.protocol, change);
    amendTransport(frame, out, { ip, family, l4: packet.l4, l4Length: packet.l4Length, protocol: packet.protocol });
  }
  return out;
}

/** An ICMP error one hop further, with its own addresses and the packet it quotes changed. */
export function rewriteError(packet: Packet, quoted: Quoted, outer: Change, inner: Change): Uint8Array {
  const { frame, ip, family, l4 = 0, l4Length } = packet;
  const out = unpadded(packet);
  out[ip + (family === 4 ? 8 : 7)] -= 1;
  setAddresses(out, ip, family, outer);
  if (family === 4) amendIp4(frame, out, ip);
  setAddresses(out, quoted.ip, family, inner);
  if (family === 4) amendIp4(frame, out, quoted.ip);
  setPorts(out, quoted.l4, quoted.protocol, inner);
  amendTransport(frame, out, { ...quoted, family });
  const covered = (bytes: Uint8Array): Uint8Array =>
    concat(family === 6 ? bytes.slice(ip + 8, ip + 40) : new Uint8Array(), bytes.slice(l4 + 4, l4 + (l4Length & ~1)));
  put16(out, l4 + 2, amend(u16(frame, l4 + 2), covered(frame), covered(out)));
  return out;
}

function setAddresses(out: Uint8Array, ip: number, family: 4 | 6, { src, dst }: Change): void {
  if (src !== undefined) out.set(unhex(src), ip + (family === 4 ? 12 : 8));
  if (dst !== undefined) out.set(unhex(dst), ip + (family === 4 ? 16 : 24));
}

function setPorts(out: Uint8Array, l4: number, protocol: number, { sport, dport }: Change): void {
  if (protocol !== TCP && protocol !== UDP) return;
  if (sport !== undefined) put16(out, l4, sport);
  if (dport !== undefined) put16(out, l4 + 2, dport);
}

function amendIp4(before: Uint8Array, out: Uint8Array, ip: number): void {
  const covered = (bytes: Uint8Array): Uint8Array => concat(bytes.slice(ip, ip + 10), bytes.slice(ip + 12, ip + 20));
  put16(out, ip + 10, amend(u16(before, ip + 10), covered(before), covered(out)));
}

interface Transport {
  readonly ip: number;
  readonly family: 4 | 6;
  readonly l4: number;
  readonly l4Length: number;
  readonly protocol: number;
}

/** Where a transport has a checksum that covers addresses (RFC 9293, 768, 3828, 4340); SCTP's does not. */
const CHECKSUM_AT = new Map([
  [TCP, 16],
  [UDP, 6],
  [UDPLITE, 6],
  [DCCP, 6],
]);

/** The checksum of a transport after addresses or ports were changed. */
function amendTransport(before: Uint8Array, out: Uint8Array, { ip, family, l4, l4Length, protocol }: Transport): void {
  const offset = CHECKSUM_AT.get(protocol);
  if (offset === undefined || offset + 2 > l4Length) return;
  const at = l4 + offset;
  const old = u16(before, at);
  // Zero says that there is none: IPv4, and IPv6 tunnels (RFC 6935). In UDP-Lite it is wrong and stays so.
  const optional = protocol === UDP || protocol === UDPLITE;
  if (optional && old === 0) return;
  const addresses = family === 4 ? [ip + 12, ip + 20] : [ip + 8, ip + 40];
  const covered = (bytes: Uint8Array): Uint8Array => concat(bytes.slice(...addresses), bytes.slice(l4, l4 + 4));
  const now = amend(old, covered(before), covered(out));
  put16(out, at, optional && now === 0 ? 0xffff : now);
}

const ECHO_TTL = 64;

/** The answer to an echo request (RFC 792, RFC 4443 §4.2). */
export function echoReply(packet: Packet): Uint8Array {
  const { frame, ip, family, l4 = 0 } = packet;
  const out = unpadded(packet);
  out.set(frame.subarray(6, 12), 0);
  out.set(frame.subarray(0, 6), 6);
  const [src, dst, length] = family === 4 ? [ip + 12, ip + 16, 4] : [ip + 8, ip + 24, 16];
  out.set(frame.subarray(src, src + length), dst);
  out.set(frame.subarray(dst, dst + length), src);
  out[ip + (family === 4 ? 8 : 7)] = ECHO_TTL;
  if (family === 4) amendIp4(frame, out, ip);
  out[l4] = family === 4 ? 0 : 129;
  const now = amend(u16(frame, l4 + 2), frame.slice(l4, l4 + 2), out.slice(l4, l4 + 2));
  // Of the two zeros of one's complement the one that is right for a reply of nothing but zeros, too.
  put16(out, l4 + 2, family === 4 && now === 0 ? 0xffff : now);
  return out;
}

const SYN = 0x02;
const END_OF_OPTIONS = 0;
const PADDING = 1;
const MSS = 2;

/** A SYN that announces no larger segments than the VIP lets through (RFC 9293 §3.2, options); others as they are. */
export function clampMss(packet: Packet, { mssClamp = 0 }: VipSpec): Packet {
  const { frame, l4, protocol } = packet;
  if (mssClamp === 0 || l4 === undefined || protocol !== TCP || (frame[l4 + 13] & SYN) === 0) return packet;
  const end = l4 + Math.min((frame[l4 + 12] >> 4) * 4, packet.l4Length);
  for (let at = l4 + 20; at < end && frame[at] !== END_OF_OPTIONS; ) {
    if (frame[at] === PADDING) {
      at += 1;
      continue;
    }
    if (at + 1 >= end || frame[at + 1] < 2 || at + frame[at + 1] > end) break;
    if (frame[at] === MSS && frame[at + 1] === 4 && u16(frame, at + 2) > mssClamp) {
      const out = frame.slice();
      put16(out, at + 2, mssClamp);
      const from = l4 + ((at + 2 - l4) & ~1);
      put16(out, l4 + 16, amend(u16(frame, l4 + 16), frame.slice(from, from + 4), out.slice(from, from + 4)));
      return { ...packet, frame: out };
    }
    at += frame[at + 1];
  }
  return packet;
}
