import type { FrameViews } from '@lb/encap';
import { type Burst, Flag } from '../burst.js';
import { AsOwner } from '../image/layout.js';
import { PROTOCOL_TCP } from './protocols.js';

/** Offset of the flags in a TCP header, and the flags that make a segment the first of a connection (RFC 9293). */
const TCP_FLAGS = 13;
const SYN_ACK_RST = 0x16;
const SYN = 0x02;

/**
 * Whether the flow of packet `i`, which has an entry of an AS that is not simply its VIP's, goes on there.
 * @param owner word A.VIP of that AS
 */
export function staysOnDraining(burst: Burst, frames: FrameViews, owner: number, i: number): boolean {
  if ((owner & AsOwner.DRAINING) === 0 || (owner & AsOwner.VIP) !== burst.vip[i] || owner < 0) return false;
  // An ICMP error is about packets that were sent to this AS.
  if ((burst.flags[i] & Flag.ICMP_ERROR) !== 0) return true;
  if (burst.protocol[i] !== PROTOCOL_TCP) return (owner & AsOwner.UDP_ENDS) === 0;
  return !isFirstSegment(burst, frames, i);
}

/** Whether a packet of TCP opens a connection. If its flow has an entry, that is of an old one with the same ports. */
export function isFirstSegment(burst: Burst, { u8 }: FrameViews, i: number): boolean {
  const at = burst.l4[i] + TCP_FLAGS;
  if (burst.l4[i] === 0 || at >= burst.ip[i] + burst.ipLength[i]) return false;
  return (u8[at] & SYN_ACK_RST) === SYN;
}
