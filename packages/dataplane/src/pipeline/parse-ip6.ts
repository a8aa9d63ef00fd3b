import type { FrameViews } from '@lb/encap';
import { type Burst, Flag } from '../burst.js';
import { Reason } from '../verdicts.js';
import { embeddedPorts } from './parse-ip4.js';
import { isPlausibleL4, l4HeaderLength, PROTOCOL_ICMP6, PROTOCOL_TCP, PROTOCOL_UDP } from './protocols.js';

const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const MAX_EXTENSIONS = 8;

/** Extension headers whose second byte is their length in 8-byte units beyond the first 8 (RFC 8200 §4; RFC 6564). */
function isPlainExtension(next: number): boolean {
  return next === 0 || next === ROUTING || next === 60 || next === 135 || next === 139 || next === 140;
}

/** Whether this next-header value names an extension header that is followed. */
export function isExtension(next: number): boolean {
  return isPlainExtension(next) || next === FRAGMENT || next === AUTHENTICATION;
}

/** Result of {@link walkExtensions}: one module-level record, since the walk must not allocate. */
const walk = { next: 0, l4: 0, fragmentAt: 0, fragmentOffset: 0, segmentsLeft: 0 };

/**
 * Follow the extension headers of the IPv6 packet at `ip` up to `end`; false when they run beyond it or are too many.
 * Stops at the first header that is no extension, and behind the fragment header of a later fragment.
 */
function walkExtensions(u8: Uint8Array, ip: number, end: number): boolean {
  let next = u8[ip + 6];
  let at = ip + 40;
  walk.fragmentAt = 0;
  walk.fragmentOffset = 0;
  walk.segmentsLeft = 0;
  for (let headers = 0; ; headers++) {
    const plain = isPlainExtension(next);
    if (!plain && next !== FRAGMENT && next !== AUTHENTICATION) break;
    if (headers === MAX_EXTENSIONS || at + 8 > end) return false;
    const units = u8[at + 1];
    const type = next;
    next = u8[at];
    if (type === FRAGMENT) {
      walk.fragmentAt = at;
      walk.fragmentOffset = ((u8[at + 2] << 8) | u8[at + 3]) & 0xfff8;
      at += 8;
      if (walk.fragmentOffset > 0) break;
    } else {
      if (type === ROUTING) walk.segmentsLeft |= u8[at + 3];
      at += plain ? 8 + units * 8 : 8 + units * 4;
    }
    if (at > end) return false;
  }
  walk.next = next;
  walk.l4 = at;
  return true;
}

/**
 * Parse an IPv6 packet (RFC 8200) at `ip`; the frame ends at byte offset `frameEnd`.
 * Returns Reason.NONE, or why the packet goes no further.
 */
export function parseIp6(burst: Burst, frames: FrameViews, i: number, ip: number, frameEnd: number): number {
  const { u8, i32 } = frames;
  if (ip + 40 > frameEnd) return Reason.IPV6_TRUNCATED;
  const total = 40 + ((u8[ip + 4] << 8) | u8[ip + 5]);
  const end = ip + total;
  if (end > frameEnd) return Reason.IPV6_TRUNCATED;
  if (!walkExtensions(u8, ip, end)) return Reason.IPV6_EXTENSION;
  const { next: protocol, l4, fragmentAt, fragmentOffset } = walk;
  let flags = Flag.IPV6 | (walk.segmentsLeft > 0 ? Flag.SOURCE_ROUTED : 0);
  burst.flags[i] = flags;
  burst.ip[i] = ip;
  burst.ipLength[i] = total;
  burst.protocol[i] = protocol;
  burst.src[i] = ip + 8;
  burst.dst[i] = ip + 24;
  if (fragmentAt > 0) {
    burst.fragmentNext[i] = u8[fragmentAt];
    burst.fragmentId[i] = i32[(fragmentAt + 4) >>> 2];
    const bytes = end - (fragmentAt + 8);
    burst.fragmentBytes[i] = bytes;
    burst.fragmentTotal[i] = (u8[fragmentAt + 3] & 1) !== 0 ? 0 : fragmentOffset + bytes;
    // A datagram's payload length counts the extension headers in front of the fragment header (RFC 8200 §4.5).
    if (fragmentAt - ip - 40 + fragmentOffset + bytes > 65535) return Reason.FRAGMENT_OVERFLOW;
    if (fragmentOffset > 0) {
      burst.flags[i] = flags | Flag.FRAGMENT_LATER;
      return Reason.NONE;
    }
    // With neither offset nor more fragments it is an "atomic" fragment: a whole packet (RFC 6946).
    if ((u8[fragmentAt + 3] & 1) !== 0) flags |= Flag.FRAGMENT_FIRST;
  }
  if (end - l4 < l4HeaderLength(protocol)) return Reason.L4_TRUNCATED;
  burst.l4[i] = l4;
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) {
    flags |= Flag.PORTS;
    burst.ports[i] = i32[l4 >>> 2];
    const more = (flags & Flag.FRAGMENT_FIRST) !== 0;
    if (!isPlausibleL4(u8, l4, protocol, end - l4, more)) return Reason.L4_LENGTH;
  } else if (protocol === PROTOCOL_ICMP6 && (flags & Flag.FRAGMENT_FIRST) === 0) {
    const type = u8[l4];
    if (type >= 133 && type <= 137) return Reason.NEIGHBOUR_DISCOVERY;
    if (type === 128) flags |= Flag.ECHO_REQUEST;
    else if (type >= 1 && type <= 4) flags |= parseEmbedded6(burst, frames, i, l4 + 8, end);
  }
  burst.flags[i] = flags;
  return Reason.NONE;
}

/** As parseEmbedded4, for ICMPv6 errors (RFC 4443 §2.1). */
function parseEmbedded6(burst: Burst, frames: FrameViews, i: number, at: number, end: number): number {
  const { u8, i32 } = frames;
  if (at + 40 > end || u8[at] >>> 4 !== 6) return 0;
  const from = (at + 8) >>> 2;
  const outer = burst.dst[i] >>> 2;
  for (let k = 0; k < 4; k++) if (i32[from + k] !== i32[outer + k]) return 0;
  if (!walkExtensions(u8, at, end)) return 0;
  burst.embeddedIp[i] = at;
  burst.protocol[i] = walk.next;
  burst.src[i] = at + 24;
  burst.dst[i] = at + 8;
  return Flag.ICMP_ERROR | embeddedPorts(burst, frames, i, walk.next, walk.l4, end, walk.fragmentOffset > 0);
}
