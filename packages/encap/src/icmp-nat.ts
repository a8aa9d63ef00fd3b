import { applyChange, change16, change32 } from './checksum.js';
import { IP4_CHECKSUM, IP4_HEADER_BYTES, IP4_SRC, IP6_HEADER_BYTES, IP6_SRC, PROTOCOL_ICMP6 } from './ip-header.js';
import { checksumOffset, updateL4Checksum } from './l4-checksum.js';
import type { Side } from './nat.js';

/*
 * An ICMP error (RFC 792; ICMPv6: RFC 4443 §3) carries the start of the packet it is about, which travelled the other
 * way: what was the error's destination is the embedded packet's source. RFC 5508 §4 tells what NAT does to it.
 *
 *   +-----------+---------------+-------------+-------------------------------------------+
 *   | IP header | type code sum | 4 more bytes| embedded IP header | 8 or more bytes of L4 |
 *   +-----------+---------------+-------------+-------------------------------------------+
 *     side 1, towards the server:   destination := addr      source, source port := embedded…
 *     side 0, from the server:      source := addr           destination, destination port := embedded…
 *
 * The ICMP checksum covers every embedded byte, the embedded checksums too; ICMPv6's also covers the outer addresses.
 */

/**
 * Translates the ICMPv4 error at `icmp` in the IPv4 packet at `ip`.
 *
 * `rewriteOuter` false leaves the outer address alone (an error from a router behind the server keeps its source).
 * `embeddedIp` is the embedded IPv4 header, complete; `embeddedL4` the transport header of `embeddedProtocol` behind
 * its options, 0 when there is none; `embeddedPortRaw` −1 keeps the port. Bytes from `ip + lengthBytes` (the outer total
 * length) or from `endOffset` (where the embedded packet was cut off) are not touched, whichever comes first: so an
 * embedded checksum is only fixed when it is there. An embedded UDP checksum of zero stays zero.
 */
export function natIcmpError4(
  u16: Uint16Array,
  u32: Uint32Array,
  ip: number,
  icmp: number,
  lengthBytes: number,
  side: Side,
  rewriteOuter: boolean,
  addrRaw: number,
  embeddedAddrRaw: number,
  embeddedPortRaw: number,
  embeddedIp: number,
  embeddedL4: number,
  embeddedProtocol: number,
  endOffset: number,
): void {
  if (rewriteOuter) {
    const outer = (ip + IP4_SRC + (side << 2)) >>> 2;
    const outerChecksum = (ip + IP4_CHECKSUM) >>> 1;
    u16[outerChecksum] = applyChange(u16[outerChecksum], change32(u32[outer], addrRaw));
    u32[outer] = addrRaw;
  }
  const end = Math.min(ip + lengthBytes, endOffset);
  if (embeddedIp + IP4_HEADER_BYTES > end) return;
  const embeddedSide = (1 - side) as Side;
  const embedded = (embeddedIp + IP4_SRC + (embeddedSide << 2)) >>> 2;
  const addrChange = change32(u32[embedded], embeddedAddrRaw);
  u32[embedded] = embeddedAddrRaw;

  const checksum = (embeddedIp + IP4_CHECKSUM) >>> 1;
  const before = u16[checksum];
  const after = applyChange(before, addrChange);
  u16[checksum] = after;

  const offset = embeddedL4 === 0 ? 0 : checksumOffset(embeddedProtocol);
  const l4Change = natEmbeddedL4(
    u16,
    embeddedL4,
    end,
    embeddedProtocol,
    offset,
    embeddedSide,
    addrChange,
    embeddedPortRaw,
  );
  const icmpChecksum = (icmp + 2) >>> 1;
  u16[icmpChecksum] = applyChange(u16[icmpChecksum], addrChange + change16(before, after) + l4Change);
}

/**
 * As natIcmpError4 for the ICMPv6 error at `icmp` in the IPv6 packet at `ip`: `w0`…`w3` is the outer address, `e0`…`e3`
 * the embedded one (raw words), `lengthBytes` 40 + the payload length, `embeddedL4` behind all extension headers.
 */
export function natIcmpError6(
  u16: Uint16Array,
  u32: Uint32Array,
  ip: number,
  icmp: number,
  lengthBytes: number,
  side: Side,
  rewriteOuter: boolean,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  e0: number,
  e1: number,
  e2: number,
  e3: number,
  embeddedPortRaw: number,
  embeddedIp: number,
  embeddedL4: number,
  embeddedProtocol: number,
  endOffset: number,
): void {
  let change = 0;
  if (rewriteOuter) change += replaceAddress6(u32, ip + IP6_SRC + (side << 4), w0, w1, w2, w3);
  const end = Math.min(ip + lengthBytes, endOffset);
  if (embeddedIp + IP6_HEADER_BYTES <= end) {
    const embeddedSide = (1 - side) as Side;
    const addrChange = replaceAddress6(u32, embeddedIp + IP6_SRC + (embeddedSide << 4), e0, e1, e2, e3);
    const known = embeddedProtocol === PROTOCOL_ICMP6 ? 2 : checksumOffset(embeddedProtocol);
    const offset = embeddedL4 === 0 ? 0 : known;
    change += addrChange;
    change += natEmbeddedL4(u16, embeddedL4, end, embeddedProtocol, offset, embeddedSide, addrChange, embeddedPortRaw);
  }
  const icmpChecksum = (icmp + 2) >>> 1;
  u16[icmpChecksum] = applyChange(u16[icmpChecksum], change);
}

function replaceAddress6(u32: Uint32Array, at: number, w0: number, w1: number, w2: number, w3: number): number {
  const word = at >>> 2;
  const change =
    change32(u32[word], w0) + change32(u32[word + 1], w1) + change32(u32[word + 2], w2) + change32(u32[word + 3], w3);
  u32[word] = w0;
  u32[word + 1] = w1;
  u32[word + 2] = w2;
  u32[word + 3] = w3;
  return change;
}

// Translates the embedded transport header as far as its bytes are there; returns the change of those bytes.
function natEmbeddedL4(
  u16: Uint16Array,
  l4: number,
  end: number,
  protocol: number,
  offset: number,
  side: Side,
  addrChange: number,
  portRaw: number,
): number {
  if (offset === 0) return 0;
  let portChange = 0;
  if (portRaw >= 0 && protocol !== PROTOCOL_ICMP6 && l4 + 4 <= end) {
    const port = (l4 >>> 1) + side;
    portChange = change16(u16[port], portRaw);
    u16[port] = portRaw;
  }
  if (l4 + offset + 2 > end) return portChange;
  const checksum = (l4 + offset) >>> 1;
  const before = u16[checksum];
  const after = updateL4Checksum(protocol, before, addrChange + portChange);
  u16[checksum] = after;
  return portChange + change16(before, after);
}
