import { replaceWord16 } from './checksum.js';
import { IP4_CHECKSUM, IP4_DST, IP4_SRC, IP4_TTL, IP6_DST, IP6_LENGTH, IP6_SRC } from './ip-header.js';

/*
 * Echo (RFC 792 p. 14; ICMPv6: RFC 4443 §4.1, §4.2). The reply is the request with another type.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |   Code = 0    |           Checksum            |   request 8, reply 0; ICMPv6 128, 129
 *   +---------------+---------------+-------------------------------+
 *   |          Identifier           |        Sequence number        |
 *   +-------------------------------+-------------------------------+
 *   |                             Data …                            |
 *   +---------------------------------------------------------------+
 */

const REPLY_TTL = 64;
const ECHO_REPLY6 = 129;

/**
 * Turns the ICMPv4 echo request at `icmp` in the packet at `ip` into its reply, in place: addresses swapped, TTL 64,
 * checksums updated (a wrong one stays wrong). IPv4 options stay as they came.
 */
export function replyEcho4(u16: Uint16Array, u32: Uint32Array, ip: number, icmp: number): void {
  swapWords(u32, (ip + IP4_SRC) >>> 2, (ip + IP4_DST) >>> 2);

  const ttl = (ip + IP4_TTL) >>> 1;
  const ipChecksum = (ip + IP4_CHECKSUM) >>> 1;
  const ttlRaw = (u16[ttl] & 0xff00) | REPLY_TTL;
  u16[ipChecksum] = replaceWord16(u16[ipChecksum], u16[ttl], ttlRaw);
  u16[ttl] = ttlRaw;

  const type = icmp >>> 1;
  const typeRaw = u16[type] & 0xff00;
  const checksumRaw = replaceWord16(u16[type + 1], u16[type], typeRaw);
  u16[type] = typeRaw;
  // A reply can be all zeros, and then only 0xffff is right; where the other zero is right, 0xffff verifies as well.
  u16[type + 1] = checksumRaw === 0 ? 0xffff : checksumRaw;
}

/**
 * Turns the ICMPv6 echo request at `icmp` in the packet at `ip` into its reply, in place: addresses swapped (which
 * leaves the pseudo-header's sum as it is), hop limit 64, checksum updated. Extension headers stay as they came.
 */
export function replyEcho6(u16: Uint16Array, u32: Uint32Array, ip: number, icmp: number): void {
  const src = (ip + IP6_SRC) >>> 2;
  const dst = (ip + IP6_DST) >>> 2;
  for (let i = 0; i < 4; i++) swapWords(u32, src + i, dst + i);

  const nextHeader = (ip + IP6_LENGTH + 2) >>> 1;
  u16[nextHeader] = (u16[nextHeader] & 0x00ff) | (REPLY_TTL << 8);

  const type = icmp >>> 1;
  const typeRaw = (u16[type] & 0xff00) | ECHO_REPLY6;
  u16[type + 1] = replaceWord16(u16[type + 1], u16[type], typeRaw);
  u16[type] = typeRaw;
}

function swapWords(u32: Uint32Array, a: number, b: number): void {
  const word = u32[a];
  u32[a] = u32[b];
  u32[b] = word;
}
