import { formatAddress } from '@lb/core';

/** A header of a packet with its fields, in the order of the wire. */
export interface Header {
  readonly header: 'ethernet' | 'ipv4' | 'ipv6' | 'gre' | 'tcp' | 'udp' | 'icmp' | 'icmpv6';
  readonly fields: Readonly<Record<string, string | number>>;
}

interface Parsed {
  readonly header: Header;
  readonly length: number;
  /** What follows: EtherType or IP protocol, in the space of `kind`. */
  readonly next: { readonly kind: 'ethertype' | 'protocol'; readonly number: number } | undefined;
}

/** The headers of an Ethernet frame, as far as they are of kinds that the balancer makes. */
export function readHeaders(frame: Uint8Array): Header[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const headers: Header[] = [];
  let at = 0;
  for (let parsed: Parsed | undefined = readEthernet(view); parsed !== undefined; ) {
    headers.push(parsed.header);
    at += parsed.length;
    parsed = parsed.next === undefined ? undefined : readNext(view, at, parsed.next);
  }
  return headers;
}

function readNext(view: DataView, at: number, next: NonNullable<Parsed['next']>): Parsed | undefined {
  if (next.kind === 'ethertype') {
    if (next.number === 0x0800) return readIp4(view, at);
    return next.number === 0x86dd ? readIp6(view, at) : undefined;
  }
  switch (next.number) {
    case 1:
      return readIcmp(view, at, 'icmp');
    case 6:
      return readTcp(view, at);
    case 17:
      return readUdp(view, at);
    case 47:
      return readGre(view, at);
    case 58:
      return readIcmp(view, at, 'icmpv6');
    default:
      return undefined;
  }
}

function readEthernet(view: DataView): Parsed {
  const type = view.getUint16(12);
  const fields = { destination: mac(view, 0), source: mac(view, 6), type: hex(type, 4) };
  return { header: { header: 'ethernet', fields }, length: 14, next: { kind: 'ethertype', number: type } };
}

/** RFC 791 §3.1; the second byte as in RFC 2474 (DSCP) and RFC 3168 (ECN). */
function readIp4(view: DataView, at: number): Parsed {
  const protocol = view.getUint8(at + 9);
  const flags = view.getUint16(at + 6);
  const fields = {
    source: address(view, at + 12, 4),
    destination: address(view, at + 16, 4),
    protocol,
    ttl: view.getUint8(at + 8),
    totalLength: view.getUint16(at + 2),
    dscp: view.getUint8(at + 1) >>> 2,
    ecn: view.getUint8(at + 1) & 3,
    identification: view.getUint16(at + 4),
    flags: (flags & 0x4000) !== 0 ? 'DF' : 'none',
    checksum: hex(view.getUint16(at + 10), 4),
  };
  const length = (view.getUint8(at) & 15) * 4;
  return { header: { header: 'ipv4', fields }, length, next: { kind: 'protocol', number: protocol } };
}

/** RFC 8200 §3. */
function readIp6(view: DataView, at: number): Parsed {
  const first = view.getUint32(at);
  const nextHeader = view.getUint8(at + 6);
  const fields = {
    source: address(view, at + 8, 16),
    destination: address(view, at + 24, 16),
    nextHeader,
    hopLimit: view.getUint8(at + 7),
    payloadLength: view.getUint16(at + 4),
    dscp: (first >>> 22) & 0x3f,
    ecn: (first >>> 20) & 3,
    flowLabel: hex(first & 0xfffff, 5),
  };
  return { header: { header: 'ipv6', fields }, length: 40, next: { kind: 'protocol', number: nextHeader } };
}

/** RFC 2784 without its optional fields. */
function readGre(view: DataView, at: number): Parsed {
  const protocol = view.getUint16(at + 2);
  const fields = { flagsAndVersion: hex(view.getUint16(at), 4), protocol: hex(protocol, 4) };
  return { header: { header: 'gre', fields }, length: 4, next: { kind: 'ethertype', number: protocol } };
}

/** RFC 9293 §3.1. */
function readTcp(view: DataView, at: number): Parsed {
  const bits = view.getUint8(at + 13);
  const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'].filter((_, bit) => (bits & (1 << bit)) !== 0);
  const fields = {
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    flags: names.join(' ') || 'none',
    sequence: view.getUint32(at + 4),
    acknowledgment: view.getUint32(at + 8),
    window: view.getUint16(at + 14),
    checksum: hex(view.getUint16(at + 16), 4),
  };
  return { header: { header: 'tcp', fields }, length: (view.getUint8(at + 12) >>> 4) * 4, next: undefined };
}

/** RFC 768. */
function readUdp(view: DataView, at: number): Parsed {
  const fields = {
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    length: view.getUint16(at + 4),
    checksum: hex(view.getUint16(at + 6), 4),
  };
  return { header: { header: 'udp', fields }, length: 8, next: undefined };
}

/** RFC 792 and RFC 4443; identifier and sequence number as echo messages have them. */
function readIcmp(view: DataView, at: number, header: 'icmp' | 'icmpv6'): Parsed {
  const fields = {
    type: view.getUint8(at),
    code: view.getUint8(at + 1),
    identifier: view.getUint16(at + 4),
    sequence: view.getUint16(at + 6),
    checksum: hex(view.getUint16(at + 2), 4),
  };
  return { header: { header, fields }, length: 8, next: undefined };
}

function address(view: DataView, at: number, length: 4 | 16): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  return formatAddress({ family: length === 4 ? 4 : 6, bytes });
}

function mac(view: DataView, at: number): string {
  return Array.from({ length: 6 }, (_, i) =>
    view
      .getUint8(at + i)
      .toString(16)
      .padStart(2, '0'),
  ).join(':');
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
