import { swap16 } from './byte-order.js';
import { finish, pseudoHeaderSum6, sumBytes } from './checksum.js';
import type { FrameViews } from './frame-views.js';
import { IP4_SRC, IP6_HEADER_BYTES, IP6_SRC, PROTOCOL_ICMP, PROTOCOL_ICMP6 } from './ip-header.js';

/*
 * ICMP errors made here: RFC 792 with the next-hop MTU of RFC 1191 §4, and RFC 4443 §3.2, §3.3.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |     Code      |           Checksum            |
 *   +---------------+---------------+-------------------------------+
 *   |       0 (ICMPv6: MTU)         |     MTU (0 if not about it)   |
 *   +-------------------------------+-------------------------------+
 *   |        As much of the offending packet as allowed …           |
 *   +---------------------------------------------------------------+
 *
 * The error takes the offending packet's place: it starts at the same offset, and the offender's first bytes are moved
 * up behind the new headers. The frame needs room for 28 (IPv6: 48) bytes more than the offender, up to 576 (1,280).
 *
 * Whether an error may be sent at all (never about an ICMP error, a later fragment, or a source that is no single host:
 * RFC 1122 §3.2.2, RFC 4443 §2.4(e)) and how often is the caller's decision.
 */

/** Longest ICMPv4 error (RFC 1812 §4.3.2.3) and ICMPv6 error (the minimum IPv6 MTU, RFC 4443 §2.4(c)), in bytes. */
export const ICMP4_ERROR_MAX_BYTES = 576;
export const ICMP6_ERROR_MAX_BYTES = 1280;

const HEADERS4_BYTES = 28;
const HEADERS6_BYTES = 48;
// Type in the low byte, code in the high one.
const UNREACHABLE_FRAGMENTATION_NEEDED_RAW = 0x0403;
const TIME_EXCEEDED4_RAW = 0x000b;
const PACKET_TOO_BIG_RAW = 0x0002;
const TIME_EXCEEDED6_RAW = 0x0003;
const TTL = 64;

/**
 * Replaces the IPv4 packet at `ip` (`lengthBytes`: its IP length) by "fragmentation needed and DF set" to its sender,
 * from `srcRaw`, with next-hop MTU `mtuBytes` (0–65,535). Returns the new IP length.
 */
export function writeFragmentationNeeded4(
  frame: FrameViews,
  ip: number,
  lengthBytes: number,
  srcRaw: number,
  mtuBytes: number,
): number {
  return wrap4(frame, ip, lengthBytes, srcRaw, UNREACHABLE_FRAGMENTATION_NEEDED_RAW, mtuBytes);
}

/** Replaces the IPv4 packet at `ip` by "time to live exceeded in transit" to its sender. Returns the new IP length. */
export function writeTimeExceeded4(frame: FrameViews, ip: number, lengthBytes: number, srcRaw: number): number {
  return wrap4(frame, ip, lengthBytes, srcRaw, TIME_EXCEEDED4_RAW, 0);
}

/**
 * Replaces the IPv6 packet at `ip` (`lengthBytes`: 40 + payload length) by "packet too big" to its sender, from the
 * address `s0`…`s3` (raw words), with MTU `mtuBytes` (up to 65,535). Returns the new length, IPv6 header included.
 */
export function writePacketTooBig6(
  frame: FrameViews,
  ip: number,
  lengthBytes: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  mtuBytes: number,
): number {
  return wrap6(frame, ip, lengthBytes, s0, s1, s2, s3, PACKET_TOO_BIG_RAW, mtuBytes);
}

/** Replaces the IPv6 packet at `ip` by "hop limit exceeded in transit" to its sender. Returns the new length. */
export function writeTimeExceeded6(
  frame: FrameViews,
  ip: number,
  lengthBytes: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): number {
  return wrap6(frame, ip, lengthBytes, s0, s1, s2, s3, TIME_EXCEEDED6_RAW, 0);
}

// Precedence 6, "internetwork control", as RFC 1812 §4.3.2.5 asks; DF with identification 0 as RFC 6864 §4.1 allows.
function wrap4(
  frame: FrameViews,
  ip: number,
  lengthBytes: number,
  srcRaw: number,
  typeCodeRaw: number,
  mtuBytes: number,
): number {
  const { u8, u16, u32 } = frame;
  const embeddedBytes = Math.min(lengthBytes, ICMP4_ERROR_MAX_BYTES - HEADERS4_BYTES);
  const totalBytes = HEADERS4_BYTES + embeddedBytes;
  const word = ip >>> 2;
  const senderRaw = u32[(ip + IP4_SRC) >>> 2];
  u8.copyWithin(ip + HEADERS4_BYTES, ip, ip + embeddedBytes);
  u32[word] = 0xc045 | (swap16(totalBytes) << 16);
  u32[word + 1] = 0x0040_0000;
  u32[word + 2] = TTL | (PROTOCOL_ICMP << 8);
  u32[word + 3] = srcRaw;
  u32[word + 4] = senderRaw;
  u32[word + 5] = typeCodeRaw;
  u32[word + 6] = swap16(mtuBytes) << 16;
  u16[(ip + 10) >>> 1] = finish(sumBytes(u8, ip, 20));
  u16[(ip + 22) >>> 1] = finish(sumBytes(u8, ip + 20, totalBytes - 20));
  return totalBytes;
}

function wrap6(
  frame: FrameViews,
  ip: number,
  lengthBytes: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  typeCodeRaw: number,
  mtuBytes: number,
): number {
  const { u8, u16, u32 } = frame;
  const embeddedBytes = Math.min(lengthBytes, ICMP6_ERROR_MAX_BYTES - HEADERS6_BYTES);
  const icmpBytes = 8 + embeddedBytes;
  const icmp = ip + IP6_HEADER_BYTES;
  const word = ip >>> 2;
  u8.copyWithin(ip + HEADERS6_BYTES, ip, ip + embeddedBytes);
  u32[word] = 0x60;
  u32[word + 1] = swap16(icmpBytes) | (PROTOCOL_ICMP6 << 16) | (TTL << 24);
  u32[word + 2] = s0;
  u32[word + 3] = s1;
  u32[word + 4] = s2;
  u32[word + 5] = s3;
  const sender = (ip + HEADERS6_BYTES + IP6_SRC) >>> 2;
  for (let i = 0; i < 4; i++) u32[word + 6 + i] = u32[sender + i];
  u32[word + 10] = typeCodeRaw;
  u32[word + 11] = swap16(mtuBytes) << 16;
  const pseudoSum = pseudoHeaderSum6(u32, ip, PROTOCOL_ICMP6, icmpBytes);
  u16[(icmp + 2) >>> 1] = finish(sumBytes(u8, icmp, icmpBytes, pseudoSum));
  return IP6_HEADER_BYTES + icmpBytes;
}
