import { formatAddress } from '@lb/core';

/** A header of a packet with its fields, in the order of the wire. */
export interface Header {
  readonly header: 'ethernet' | 'vlan' | 'ipv4' | 'ipv6' | 'gre' | 'tcp' | 'udp' | 'icmp' | 'icmpv6';
  readonly fields: Readonly<Record<string, string | number>>;
}

interface Parsed {
  readonly header: Header;
  readonly length: number;
  /** What follows: EtherType or IP protocol, in the space of `kind`. */
  readonly next: { readonly kind: 'frame' | 'ethertype' | 'protocol'; readonly number: number } | undefined;
}

/** The headers of an Ethernet frame, as far as they are of kinds that the balancer makes and are there in full. */
export function readHeaders(frame: Uint8Array): Header[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const headers: Header[] = [];
  let at = 0;
  let next: Parsed['next'] = { kind: 'frame', number: 0 };
  while (next !== undefined) {
    const reader: Reader | undefined = READERS[next.kind][next.number];
    if (reader === undefined || at + reader.bytes > view.byteLength) break;
    const parsed = reader.read(view, at);
    headers.push(parsed.header);
    at += parsed.length;
    next = parsed.next;
  }
  return headers;
}

interface Reader {
  /** Bytes without which there is nothing to be read. */
  readonly bytes: number;
  read(view: DataView, at: number): Parsed;
}

function readEthernet(view: DataView): Parsed {
  const type = view.getUint16(12);
  const fields = { destination: mac(view, 0), source: mac(view, 6), type: hex(type, 4) };
  return { header: { header: 'ethernet', fields }, length: 14, next: { kind: 'ethertype', number: type } };
}

/** IEEE 802.1Q §9.6. */
function readVlan(view: DataView, at: number): Parsed {
  const type = view.getUint16(at + 2);
  const fields = { id: view.getUint16(at) & 0xfff, priority: view.getUint8(at) >>> 5, type: hex(type, 4) };
  return { header: { header: 'vlan', fields }, length: 4, next: { kind: 'ethertype', number: type } };
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
  const length = Math.max(20, (view.getUint8(at) & 15) * 4);
  // What a later fragment carries begins with no header.
  const next = (flags & 0x1fff) === 0 ? ({ kind: 'protocol', number: protocol } as const) : undefined;
  return { header: { header: 'ipv4', fields }, length, next };
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

/** What reads a header, by what the one before says of it. */
const READERS: Readonly<Record<NonNullable<Parsed['next']>['kind'], Readonly<Record<number, Reader>>>> = {
  frame: { 0: { bytes: 14, read: readEthernet } },
  ethertype: {
    2048: { bytes: 20, read: readIp4 },
    34525: { bytes: 40, read: readIp6 },
    33024: { bytes: 4, read: readVlan },
    34984: { bytes: 4, read: readVlan },
  },
  protocol: {
    1: { bytes: 8, read: (view, at) => readIcmp(view, at, 'icmp') },
    6: { bytes: 20, read: readTcp },
    17: { bytes: 8, read: readUdp },
    47: { bytes: 4, read: readGre },
    58: { bytes: 8, read: (view, at) => readIcmp(view, at, 'icmpv6') },
  },
};

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
