import { formatAddress } from '@lb/core';

export type HeaderName =
  | 'Ethernet'
  | 'VLAN'
  | 'IPv4'
  | 'IPv6'
  | 'extension'
  | 'GRE'
  | 'TCP'
  | 'UDP'
  | 'ICMP'
  | 'ICMPv6';
/** What comes behind a header. `frame` is the beginning, `end` what no more is known of. */
export type Next = { readonly space: 'frame' | 'ethertype' | 'protocol' | 'end'; readonly number: number };
/** Name, offset in the header, bytes, and how it reads. */
type Spec = readonly [name: string, at: number, bytes: number, read: (view: DataView, at: number) => string];

/** What a header looks like. Offsets are within it; values are in network byte order. */
export interface Format {
  readonly name: HeaderName;
  /** Without so many bytes there is nothing to be read. */
  readonly least: number;
  readonly fields: readonly Spec[];
  length(view: DataView, at: number): number;
  next(view: DataView, at: number): Next;
}

const END: Next = { space: 'end', number: 0 };

const u8 = (view: DataView, at: number): string => String(view.getUint8(at));
const u16 = (view: DataView, at: number): string => String(view.getUint16(at));
const u32 = (view: DataView, at: number): string => String(view.getUint32(at));
const hex16 = (view: DataView, at: number): string => hex(view.getUint16(at), 4);
const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;
const bytesAt = (view: DataView, at: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length);
const mac = (view: DataView, at: number): string =>
  Array.from(bytesAt(view, at, 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
const ip4 = (view: DataView, at: number): string => formatAddress({ family: 4, bytes: bytesAt(view, at, 4) });
const ip6 = (view: DataView, at: number): string => formatAddress({ family: 6, bytes: bytesAt(view, at, 16) });

const ETHERNET: Format = {
  name: 'Ethernet',
  least: 14,
  fields: [
    ['destination', 0, 6, mac],
    ['source', 6, 6, mac],
    ['type', 12, 2, hex16],
  ],
  length: () => 14,
  next: (view, at) => ({ space: 'ethertype', number: view.getUint16(at + 12) }),
};

/** IEEE 802.1Q §9.6. */
const VLAN: Format = {
  name: 'VLAN',
  least: 4,
  fields: [
    ['priority', 0, 1, (view, at) => String(view.getUint8(at) >>> 5)],
    ['VLAN id', 0, 2, (view, at) => String(view.getUint16(at) & 0xfff)],
    ['type', 2, 2, hex16],
  ],
  length: () => 4,
  next: (view, at) => ({ space: 'ethertype', number: view.getUint16(at + 2) }),
};

/** RFC 791 §3.1; the second byte as in RFC 2474 (DSCP) and RFC 3168 (ECN). */
const IPV4: Format = {
  name: 'IPv4',
  least: 20,
  fields: [
    ['header length', 0, 1, (view, at) => String((view.getUint8(at) & 15) * 4)],
    ['DSCP', 1, 1, (view, at) => String(view.getUint8(at) >>> 2)],
    ['ECN', 1, 1, (view, at) => String(view.getUint8(at) & 3)],
    ['total length', 2, 2, u16],
    ['identification', 4, 2, hex16],
    ['flags', 6, 1, flags4],
    ['fragment offset', 6, 2, (view, at) => String((view.getUint16(at) & 0x1fff) * 8)],
    ['TTL', 8, 1, u8],
    ['protocol', 9, 1, u8],
    ['header checksum', 10, 2, hex16],
    ['source', 12, 4, ip4],
    ['destination', 16, 4, ip4],
  ],
  length: (view, at) => (view.getUint8(at) & 15) * 4,
  // What a later fragment carries begins with no header.
  next: (view, at) =>
    (view.getUint16(at + 6) & 0x1fff) === 0 ? { space: 'protocol', number: view.getUint8(at + 9) } : END,
};

function flags4(view: DataView, at: number): string {
  const bits = view.getUint8(at);
  return [(bits & 0x40) !== 0 && 'DF', (bits & 0x20) !== 0 && 'MF'].filter(Boolean).join(' ') || 'none';
}

/** RFC 8200 §3. */
const IPV6: Format = {
  name: 'IPv6',
  least: 40,
  fields: [
    ['DSCP', 0, 2, (view, at) => String((view.getUint16(at) >>> 6) & 0x3f)],
    ['ECN', 1, 1, (view, at) => String((view.getUint8(at) >>> 4) & 3)],
    ['flow label', 1, 3, (view, at) => hex(view.getUint32(at - 1) & 0xfffff, 5)],
    ['payload length', 4, 2, u16],
    ['next header', 6, 1, u8],
    ['hop limit', 7, 1, u8],
    ['source', 8, 16, ip6],
    ['destination', 24, 16, ip6],
  ],
  length: () => 40,
  next: (view, at) => ({ space: 'protocol', number: view.getUint8(at + 6) }),
};

/** RFC 8200 §4: hop-by-hop options, routing, destination options. */
const EXTENSION: Format = {
  name: 'extension',
  least: 8,
  fields: [
    ['next header', 0, 1, u8],
    ['length', 1, 1, (view, at) => String(8 + view.getUint8(at) * 8)],
  ],
  length: (view, at) => 8 + view.getUint8(at + 1) * 8,
  next: (view, at) => ({ space: 'protocol', number: view.getUint8(at) }),
};

/** RFC 8200 §4.5. */
const FRAGMENT: Format = {
  name: 'extension',
  least: 8,
  fields: [
    ['next header', 0, 1, u8],
    ['fragment offset', 2, 2, (view, at) => String(view.getUint16(at) & 0xfff8)],
    ['more fragments', 3, 1, (view, at) => ((view.getUint8(at) & 1) === 1 ? 'yes' : 'no')],
    ['identification', 4, 4, (view, at) => hex(view.getUint32(at), 8)],
  ],
  length: () => 8,
  next: (view, at) =>
    (view.getUint16(at + 2) & 0xfff8) === 0 ? { space: 'protocol', number: view.getUint8(at) } : END,
};

/** RFC 2784, without its optional fields. */
const GRE: Format = {
  name: 'GRE',
  least: 4,
  fields: [
    ['flags and version', 0, 2, hex16],
    ['protocol type', 2, 2, hex16],
  ],
  length: () => 4,
  next: (view, at) => (view.getUint16(at) === 0 ? { space: 'ethertype', number: view.getUint16(at + 2) } : END),
};

/** RFC 9293 §3.1. */
const TCP: Format = {
  name: 'TCP',
  least: 20,
  fields: [
    ['source port', 0, 2, u16],
    ['destination port', 2, 2, u16],
    ['sequence number', 4, 4, u32],
    ['acknowledgment number', 8, 4, u32],
    ['header length', 12, 1, (view, at) => String((view.getUint8(at) >>> 4) * 4)],
    ['flags', 13, 1, tcpFlags],
    ['window', 14, 2, u16],
    ['checksum', 16, 2, hex16],
    ['urgent pointer', 18, 2, u16],
  ],
  length: (view, at) => (view.getUint8(at + 12) >>> 4) * 4,
  next: () => END,
};

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const;

function tcpFlags(view: DataView, at: number): string {
  const bits = view.getUint8(at);
  return TCP_FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0).join(' ') || 'none';
}

/** RFC 768. */
const UDP: Format = {
  name: 'UDP',
  least: 8,
  fields: [
    ['source port', 0, 2, u16],
    ['destination port', 2, 2, u16],
    ['length', 4, 2, u16],
    ['checksum', 6, 2, hex16],
  ],
  length: () => 8,
  next: () => END,
};

const ICMP_FIELDS: Format['fields'] = [
  ['type', 0, 1, u8],
  ['code', 1, 1, u8],
  ['checksum', 2, 2, hex16],
  ['rest of header', 4, 4, (view, at) => hex(view.getUint32(at), 8)],
];

/** RFC 792; an error carries the packet that it is about. */
const ICMP: Format = {
  name: 'ICMP',
  least: 8,
  fields: ICMP_FIELDS,
  length: () => 8,
  next: (view, at) => ([3, 4, 5, 11, 12].includes(view.getUint8(at)) ? { space: 'ethertype', number: 0x0800 } : END),
};

/** RFC 4443. */
const ICMPV6: Format = {
  name: 'ICMPv6',
  least: 8,
  fields: ICMP_FIELDS,
  length: () => 8,
  next: (view, at) => ([1, 2, 3, 4].includes(view.getUint8(at)) ? { space: 'ethertype', number: 0x86dd } : END),
};

const FORMATS: Readonly<Record<Next['space'], Readonly<Record<number, Format>>>> = {
  frame: { 0: ETHERNET },
  ethertype: { 2048: IPV4, 34525: IPV6, 33024: VLAN, 34984: VLAN },
  protocol: {
    0: EXTENSION,
    1: ICMP,
    6: TCP,
    17: UDP,
    43: EXTENSION,
    44: FRAGMENT,
    47: GRE,
    58: ICMPV6,
    60: EXTENSION,
  },
  end: {},
};

/** What reads the header that comes next; undefined: nothing here does. */
export function formatOf({ space, number }: Next): Format | undefined {
  return FORMATS[space][number];
}
