import { type FrameViews, fold, sumBytes } from '@lb/encap';
import { type Burst, Flag } from '../burst.js';
import { Reason } from '../verdicts.js';
import { isPlausibleL4, l4HeaderLength, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from './protocols.js';

/**
 * Parse an IPv4 packet (RFC 791) at `ip`; the frame ends at byte offset `end`.
 * Returns Reason.NONE, or why the packet goes no further.
 */
export function parseIp4(burst: Burst, frames: FrameViews, i: number, ip: number, end: number): number {
  const { u8, i32 } = frames;
  if (ip + 20 > end) return Reason.IPV4_TRUNCATED;
  const headerLength = (u8[ip] & 15) * 4;
  if (headerLength < 20) return Reason.IPV4_HEADER_LENGTH;
  if (ip + headerLength > end) return Reason.IPV4_TRUNCATED;
  const total = (u8[ip + 2] << 8) | u8[ip + 3];
  if (total < headerLength) return Reason.IPV4_LENGTH;
  if (ip + total > end) return Reason.IPV4_TRUNCATED;
  if (fold(sumBytes(u8, ip, headerLength)) !== 0xffff) return Reason.IPV4_CHECKSUM;

  const protocol = u8[ip + 9];
  const fragment = (u8[ip + 6] << 8) | u8[ip + 7];
  const fragmentOffset = (fragment & 0x1fff) * 8;
  const more = (fragment & 0x2000) !== 0;
  const l4 = ip + headerLength;
  burst.ip[i] = ip;
  burst.ipLength[i] = total;
  burst.protocol[i] = protocol;
  burst.src[i] = i32[(ip + 12) >>> 2];
  burst.dst[i] = i32[(ip + 16) >>> 2];
  burst.fragmentNext[i] = protocol;
  burst.fragmentId[i] = u8[ip + 4] | (u8[ip + 5] << 8);
  burst.fragmentBytes[i] = total - headerLength;
  burst.fragmentTotal[i] = more ? 0 : fragmentOffset + total - headerLength;
  // The header is in every fragment, and in the length of the datagram (RFC 791 §3.2).
  if (fragmentOffset + total > 65535) return Reason.FRAGMENT_OVERFLOW;
  if (fragmentOffset > 0) {
    burst.flags[i] = Flag.FRAGMENT_LATER;
    return Reason.NONE;
  }
  let flags = more ? Flag.FRAGMENT_FIRST : 0;
  if (total - headerLength < l4HeaderLength(protocol)) return Reason.L4_TRUNCATED;
  burst.l4[i] = l4;
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) {
    flags |= Flag.PORTS;
    burst.ports[i] = i32[l4 >>> 2];
    if (!isPlausibleL4(u8, l4, protocol, total - headerLength, more)) return Reason.L4_LENGTH;
  } else if (protocol === PROTOCOL_ICMP) {
    const type = u8[l4];
    if (isIcmpError4(type)) flags |= parseEmbedded4(burst, frames, i, l4 + 8, ip + total);
    else if (type === 8 && !more) flags |= Flag.ECHO_REQUEST;
  }
  burst.flags[i] = flags;
  return Reason.NONE;
}

/** Whether an ICMP type is that of an error, which carries the packet it is about (RFC 1122 §3.2.2). */
export function isIcmpError4(type: number): boolean {
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}

/**
 * Take the flow out of the packet embedded in an ICMP error (RFC 792: its IP header and at least 8 bytes more): the
 * embedded packet went from the VIP to the client, so the flow's source is its destination.
 * Returns the flags to add; 0 when the error is not about a packet that the outer destination had sent.
 */
function parseEmbedded4(burst: Burst, frames: FrameViews, i: number, at: number, end: number): number {
  const { u8, i32 } = frames;
  if (at + 20 > end || u8[at] >>> 4 !== 4) return 0;
  const headerLength = (u8[at] & 15) * 4;
  if (headerLength < 20 || at + headerLength > end) return 0;
  const from = i32[(at + 12) >>> 2];
  if (from !== burst.dst[i]) return 0;
  const protocol = u8[at + 9];
  burst.embeddedIp[i] = at;
  burst.protocol[i] = protocol;
  burst.src[i] = i32[(at + 16) >>> 2];
  const later = (u8[at + 6] & 0x1f) !== 0 || u8[at + 7] !== 0;
  return Flag.ICMP_ERROR | embeddedPorts(burst, frames, i, protocol, at + headerLength, end, later);
}

/** Ports of an embedded TCP or UDP header at `l4`, turned round; returns Flag.PORTS if they are there. */
export function embeddedPorts(
  burst: Burst,
  frames: FrameViews,
  i: number,
  protocol: number,
  l4: number,
  end: number,
  later: boolean,
): number {
  if (later || (protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_UDP) || l4 + 4 > end) return 0;
  burst.embeddedL4[i] = l4;
  const ports = frames.i32[l4 >>> 2];
  burst.ports[i] = (ports >>> 16) | (ports << 16);
  return Flag.PORTS;
}
