import { sumBytes } from './checksum.js';
import { IP4_PROTOCOL, IP6_HEADER_BYTES, IP6_NEXT_HEADER, PROTOCOL_GRE } from './ip-header.js';

/*
 * GRE as others may send it: RFC 2784 with the key and sequence number of RFC 2890. Each optional word stands only
 * when its bit is set, in this order.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-------------+-----+-------------------------------+
 *   |C|R|K|S|s|r|   ignored   | Ver |         Protocol type         |
 *   +-+-+-+-+-+-+-------------+-----+-------------------------------+
 *   |      Checksum (if C)          |       Reserved1 (if C)        |   over the GRE header and its payload
 *   +-------------------------------+-------------------------------+
 *   |                           Key (if K)                          |
 *   +---------------------------------------------------------------+
 *   |                     Sequence number (if S)                    |
 *   +---------------------------------------------------------------+
 *
 * R (routing), s and r (strict source route, recursion) are RFC 1701's; a receiver that does not implement them must
 * discard such packets (RFC 2784 §2.2). The version must be 0 (§2.3.1; PPTP's GRE has 1).
 */

/** What parseGre returns instead of an offset. */
export const GRE_ERROR = {
  /** The outer packet, the GRE header or the inner packet reaches beyond the bytes at hand. */
  truncated: -1,
  /** The outer packet is not IPv4 or IPv6 carrying GRE. */
  notGre: -2,
  /** The outer packet is a fragment. */
  fragment: -3,
  /** The outer IPv4 header's or GRE's own checksum is wrong. */
  checksum: -4,
  /** A routing or another RFC 1701 bit is set. */
  flags: -5,
  /** The GRE version is not 0. */
  version: -6,
  /** The payload is neither IPv4 nor IPv6, or its version nibble disagrees with the protocol type. */
  inner: -7,
} as const;

/**
 * Finds the packet inside a GRE packet whose outer IP header is at `outerIp`, with `lengthBytes` bytes at hand from
 * there (padding may follow the packet). Returns the byte offset of the inner IP header, a multiple of 4, or a
 * negative GRE_ERROR. The inner family is the version nibble at that offset, and the inner IP length is known to fit.
 */
export function parseGre(u8: Uint8Array, outerIp: number, lengthBytes: number): number {
  if (lengthBytes < 20) return GRE_ERROR.truncated;
  const version = u8[outerIp] >>> 4;
  if (version === 4) return outer4(u8, outerIp, lengthBytes);
  if (version === 6) return outer6(u8, outerIp, lengthBytes);
  return GRE_ERROR.notGre;
}

function outer4(u8: Uint8Array, ip: number, lengthBytes: number): number {
  const headerBytes = (u8[ip] & 15) << 2;
  const totalBytes = be16(u8, ip + 2);
  if (headerBytes < 20) return GRE_ERROR.notGre;
  if (totalBytes < headerBytes || totalBytes > lengthBytes) return GRE_ERROR.truncated;
  if (u8[ip + IP4_PROTOCOL] !== PROTOCOL_GRE) return GRE_ERROR.notGre;
  if (sumBytes(u8, ip, headerBytes) !== 0xffff) return GRE_ERROR.checksum;
  if ((be16(u8, ip + 6) & 0x3fff) !== 0) return GRE_ERROR.fragment;
  return greHeader(u8, ip + headerBytes, ip + totalBytes);
}

// Hop-by-hop, routing and destination options are stepped over (Linux tunnels add the encapsulation limit of RFC 2473
// as a destination option); each is 8 bytes or more, so the walk ends with the packet.
function outer6(u8: Uint8Array, ip: number, lengthBytes: number): number {
  const end = ip + IP6_HEADER_BYTES + be16(u8, ip + 4);
  if (lengthBytes < IP6_HEADER_BYTES || end > ip + lengthBytes) return GRE_ERROR.truncated;
  let next = u8[ip + IP6_NEXT_HEADER];
  let at = ip + IP6_HEADER_BYTES;
  while (next === 0 || next === 43 || next === 60) {
    if (at + 8 > end) return GRE_ERROR.truncated;
    next = u8[at];
    at += (u8[at + 1] + 1) << 3;
  }
  if (next === 44) return GRE_ERROR.fragment;
  return next === PROTOCOL_GRE ? greHeader(u8, at, end) : GRE_ERROR.notGre;
}

function greHeader(u8: Uint8Array, gre: number, end: number): number {
  if (gre + 4 > end) return GRE_ERROR.truncated;
  const flags = u8[gre];
  if ((flags & 0x4c) !== 0) return GRE_ERROR.flags;
  if ((u8[gre + 1] & 7) !== 0) return GRE_ERROR.version;
  const optionalWords = (flags >>> 7) + ((flags >>> 5) & 1) + ((flags >>> 4) & 1);
  const inner = gre + 4 + (optionalWords << 2);
  if (inner > end) return GRE_ERROR.truncated;
  if ((flags & 0x80) !== 0 && sumBytes(u8, gre, end - gre) !== 0xffff) return GRE_ERROR.checksum;
  return innerPacket(u8, be16(u8, gre + 2), inner, end);
}

function innerPacket(u8: Uint8Array, protocolType: number, inner: number, end: number): number {
  const headerBytes = protocolType === 0x0800 ? 20 : protocolType === 0x86dd ? 40 : 0;
  if (headerBytes === 0) return GRE_ERROR.inner;
  if (inner + headerBytes > end) return GRE_ERROR.truncated;
  if (u8[inner] >>> 4 !== (headerBytes === 20 ? 4 : 6)) return GRE_ERROR.inner;
  const lengthBytes = headerBytes === 20 ? be16(u8, inner + 2) : 40 + be16(u8, inner + 4);
  return inner + lengthBytes > end ? GRE_ERROR.truncated : inner;
}

function be16(u8: Uint8Array, at: number): number {
  return (u8[at] << 8) | u8[at + 1];
}
