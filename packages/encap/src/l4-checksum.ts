import { applyChange } from './checksum.js';
import { PROTOCOL_DCCP, PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_UDPLITE } from './ip-header.js';

/*
 * Where the transports with a pseudo-header keep ports and checksum.
 *
 *     UDP (RFC 768), UDP-Lite (RFC 3828), DCCP (RFC 4340 §5.1)      TCP (RFC 9293 §3.1)
 *   +---------------------------+---------------------------+     +---------------------------+---------------------------+
 *  0|        Source port        |     Destination port      |    0|        Source port        |     Destination port      |
 *   +---------------------------+---------------------------+     +---------------------------+---------------------------+
 *  4|  length, coverage; DCCP:  |         Checksum          |    4|                    Sequence number                    |
 *   | data offset, CCVal, CsCov |                           |     +-------------------------------------------------------+
 *   +---------------------------+---------------------------+    8|                 Acknowledgment number                 |
 *                                                                 +------+------+-------------+---------------------------+
 *                                                               12|Offset| Rsvd |    Flags    |          Window           |
 *                                                                 +------+------+-------------+---------------------------+
 *                                                               16|         Checksum          |      Urgent pointer       |
 *                                                                 +---------------------------+---------------------------+
 *
 * SCTP (RFC 9260) has ports too, but no pseudo-header: new addresses leave its CRC32c valid, new ports would not.
 */

/** Byte offset of the checksum in a transport header whose checksum covers a pseudo-header; 0 for other protocols. */
export function checksumOffset(protocol: number): number {
  if (protocol === PROTOCOL_TCP) return 16;
  if (protocol === PROTOCOL_UDP || protocol === PROTOCOL_UDPLITE || protocol === PROTOCOL_DCCP) return 6;
  return 0;
}

/**
 * The raw transport checksum after `change` (see checksum.ts). In UDP, zero means "none" and stays zero, and a
 * computed zero is sent as 0xffff (RFC 768); in UDP-Lite zero is illegal (RFC 3828 §3.1) and stays recognisably so.
 */
export function updateL4Checksum(protocol: number, checksumRaw: number, change: number): number {
  const updated = applyChange(checksumRaw, change);
  if (protocol !== PROTOCOL_UDP && protocol !== PROTOCOL_UDPLITE) return updated;
  if (checksumRaw === 0) return 0;
  return updated === 0 ? 0xffff : updated;
}
