import { swap16 } from './byte-order.js';
import { applyChange, change16, change32 } from './checksum.js';
import { IP4_CHECKSUM, IP4_DST, IP4_LENGTH } from './ip-header.js';
import { checksumOffset, updateL4Checksum } from './l4-checksum.js';

/*
 * First word of an IPv4 header with the differentiated services field of RFC 2474 and the ECN field of RFC 3168.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+-------+-----------+---+-------------------------------+
 *   |Version|  IHL  |   DSCP    |ECN|          Total length         |
 *   +-------+-------+-----------+---+-------------------------------+
 *
 * L3DSR tells the server by the DSCP value which VIP the packet was for; ECN belongs to the end points and is kept.
 */

/**
 * Sends an IPv4 packet to a server by layer-3 direct server return: destination `dstRaw`, DSCP `dscp` (0–63), header
 * checksum and the checksum of transports with a pseudo-header fixed. `l4` is the byte offset of the transport header,
 * 0 when this packet has none (a later fragment). The TTL is left to decrementTtl4.
 */
export function rewriteL3dsr(
  u16: Uint16Array,
  u32: Uint32Array,
  ip: number,
  l4: number,
  protocol: number,
  dstRaw: number,
  dscp: number,
): void {
  const first = ip >>> 1;
  const dst = (ip + IP4_DST) >>> 2;
  const checksum = (ip + IP4_CHECKSUM) >>> 1;
  const firstRaw = (u16[first] & 0x03ff) | (dscp << 10);
  const dstChange = change32(u32[dst], dstRaw);
  u16[checksum] = applyChange(u16[checksum], change16(u16[first], firstRaw) + dstChange);
  u16[first] = firstRaw;
  u32[dst] = dstRaw;
  const offset = l4 === 0 ? 0 : checksumOffset(protocol);
  if (offset === 0 || l4 + offset + 2 > ip + swap16(u16[(ip + IP4_LENGTH) >>> 1])) return;
  const l4Checksum = (l4 + offset) >>> 1;
  u16[l4Checksum] = updateL4Checksum(protocol, u16[l4Checksum], dstChange);
}
