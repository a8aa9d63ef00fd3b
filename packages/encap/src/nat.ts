import { swap16 } from './byte-order.js';
import { applyChange, change16, change32 } from './checksum.js';
import {
  IP4_CHECKSUM,
  IP4_LENGTH,
  IP4_SRC,
  IP6_HEADER_BYTES,
  IP6_LENGTH,
  IP6_SRC,
  PROTOCOL_ICMP6,
} from './ip-header.js';
import { checksumOffset, updateL4Checksum } from './l4-checksum.js';

/*
 * What NAT replaces: one address, and one port when there is one. ip-header.ts and l4-checksum.ts draw the headers.
 *
 *   side 0, source        IPv4 +12   IPv6  +8   port +0
 *   side 1, destination   IPv4 +16   IPv6 +24   port +2
 *
 * TCP, UDP, UDP-Lite and DCCP: ports, and a checksum over addresses and ports. ICMPv6: a checksum over the addresses
 * (RFC 4443 §2.3). SCTP: only the address is replaced; its CRC32c does not cover addresses, and with new ports it
 * would have to be computed anew over the whole packet. ICMP and the rest: only the address.
 */

/** Which end of a packet NAT replaces: 0 the source, 1 the destination. */
export type Side = 0 | 1;

/**
 * Replaces the source or destination address of the IPv4 packet at `ip` by `addrRaw`, and its port by `portRaw`
 * (−1: keep it), and fixes header and transport checksums by RFC 1624. `l4` is the byte offset of the transport
 * header, 0 when this packet has none (a later fragment). An absent (zero) UDP checksum stays absent.
 */
export function natIp4(
  u16: Uint16Array,
  u32: Uint32Array,
  ip: number,
  l4: number,
  protocol: number,
  side: Side,
  addrRaw: number,
  portRaw: number,
): void {
  const addr = (ip + IP4_SRC + (side << 2)) >>> 2;
  const checksum = (ip + IP4_CHECKSUM) >>> 1;
  const change = change32(u32[addr] | 0, addrRaw);
  u32[addr] = addrRaw;
  u16[checksum] = applyChange(u16[checksum], change);
  if (l4 === 0) return;
  natL4(u16, l4, ip + swap16(u16[(ip + IP4_LENGTH) >>> 1]), protocol, checksumOffset(protocol), side, change, portRaw);
}

/**
 * As natIp4 for the IPv6 packet at `ip`; the address is the four raw words `w0`…`w3`. `protocol` is that of the
 * header at `l4`, behind all extension headers. A computed UDP checksum is never sent as zero (RFC 8200 §8.1); one
 * that arrives as zero (RFC 6936) covers nothing and stays zero.
 */
export function natIp6(
  u16: Uint16Array,
  u32: Uint32Array,
  ip: number,
  l4: number,
  protocol: number,
  side: Side,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  portRaw: number,
): void {
  const addr = (ip + IP6_SRC + (side << 4)) >>> 2;
  const change =
    change32(u32[addr] | 0, w0) +
    change32(u32[addr + 1] | 0, w1) +
    change32(u32[addr + 2] | 0, w2) +
    change32(u32[addr + 3] | 0, w3);
  u32[addr] = w0;
  u32[addr + 1] = w1;
  u32[addr + 2] = w2;
  u32[addr + 3] = w3;
  if (l4 === 0) return;
  const end = ip + IP6_HEADER_BYTES + swap16(u16[(ip + IP6_LENGTH) >>> 1]);
  const offset = protocol === PROTOCOL_ICMP6 ? 2 : checksumOffset(protocol);
  natL4(u16, l4, end, protocol, offset, side, change, portRaw);
}

// `offset` is the checksum's; the port stands before it, so the one check against the packet's end covers both.
function natL4(
  u16: Uint16Array,
  l4: number,
  end: number,
  protocol: number,
  offset: number,
  side: Side,
  addrChange: number,
  portRaw: number,
): void {
  if (offset === 0 || l4 + offset + 2 > end) return;
  const checksum = (l4 + offset) >>> 1;
  let change = addrChange;
  if (portRaw >= 0 && protocol !== PROTOCOL_ICMP6) {
    const port = (l4 >>> 1) + side;
    change += change16(u16[port], portRaw);
    u16[port] = portRaw;
  }
  u16[checksum] = updateL4Checksum(protocol, u16[checksum], change);
}
