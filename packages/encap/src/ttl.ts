import { replaceWord16 } from './checksum.js';
import { IP4_CHECKSUM, IP4_TTL, IP6_HOP_LIMIT } from './ip-header.js';

/*
 * The words touched here; ip-header.ts draws the whole headers.
 *
 *   IPv4 (RFC 791)   8|      TTL      |    Protocol   |        Header checksum        |
 *   IPv6 (RFC 8200)  4|         Payload length        |  Next header  |   Hop limit   |
 */

/** Takes 1 off the TTL and fixes the header checksum. The caller has dropped packets with a TTL of 0 or 1. */
export function decrementTtl4(u16: Uint16Array, ip: number): void {
  const ttl = (ip + IP4_TTL) >>> 1;
  const checksum = (ip + IP4_CHECKSUM) >>> 1;
  const before = u16[ttl];
  const after = (before & 0xff00) | ((before - 1) & 0xff);
  u16[ttl] = after;
  u16[checksum] = replaceWord16(u16[checksum], before, after);
}

/** Takes 1 off the hop limit. The caller has dropped packets with a hop limit of 0 or 1. */
export function decrementHopLimit6(u8: Uint8Array, ip: number): void {
  u8[ip + IP6_HOP_LIMIT]--;
}
