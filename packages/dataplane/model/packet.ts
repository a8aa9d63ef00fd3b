import { hex, onesSum, u16 } from './bytes.js';

/** A fragment of a datagram (RFC 791 §3.2, RFC 8200 §4.5). */
export interface Fragment {
  /** Identification, with the protocol that its own header names: what tells datagrams of two hosts apart. */
  readonly id: number;
  readonly next: number;
  readonly offsetBytes: number;
  readonly more: boolean;
  /** Bytes of the datagram that it carries. */
  readonly bytes: number;
}

/** An IP packet in an Ethernet frame, read as far as a balancer needs. Addresses are hex text, so that maps know them. */
export interface Packet {
  readonly frame: Uint8Array;
  readonly family: 4 | 6;
  /** Where the IP header is, and the length of the IP packet: what follows is padding. */
  readonly ip: number;
  readonly ipLength: number;
  readonly src: string;
  readonly dst: string;
  readonly ttl: number;
  /** Of the packet; for a later fragment, what its header says. */
  readonly protocol: number;
  /** Transport header, and bytes from there to the packet's end; absent in later fragments. */
  readonly l4: number | undefined;
  readonly l4Length: number;
  readonly sport: number;
  readonly dport: number;
  readonly fragment: Fragment | undefined;
  /** A routing header has segments left: the destination is a stop on the way. */
  readonly sourceRouted: boolean;
}

/** What a frame that is no packet is: a drop or a punt with its reason. */
export interface Refusal {
  readonly reason: string;
}

export const TCP = 6;
export const UDP = 17;
export const ICMP = 1;
export const ICMP6 = 58;
const FRAGMENT_HEADER = 44;
const AUTHENTICATION = 51;
const ROUTING = 43;
/** Hop-by-hop, routing, fragment, authentication, destination options, mobility, HIP, shim6 (IANA's registry, without ESP). */
export const EXTENSIONS = [0, ROUTING, FRAGMENT_HEADER, AUTHENTICATION, 60, 135, 139, 140];
const MOST_EXTENSIONS = 8;
const VLAN_TYPES = [0x8100, 0x88a8];
const MOST_TAGS = 2;
const LARGEST = 65535;

export function isRefusal(value: object): value is Refusal {
  return 'reason' in value;
}

/** Reads a frame: IPv4 or IPv6 behind at most two VLAN tags. */
export function readFrame(frame: Uint8Array): Packet | Refusal {
  if (frame.length < 14) return { reason: 'ethernet-truncated' };
  let at = 12;
  for (let tags = 0; VLAN_TYPES.includes(u16(frame, at)) && tags < MOST_TAGS; tags++) {
    if (frame.length < at + 6) return { reason: 'ethernet-truncated' };
    at += 4;
  }
  const type = u16(frame, at);
  if (type === 0x0800) return readIp4(frame, at + 2);
  if (type === 0x86dd) return readIp6(frame, at + 2);
  return { reason: 'not-ip' };
}

function readIp4(frame: Uint8Array, ip: number): Packet | Refusal {
  const room = frame.length - ip;
  if (room < 1) return { reason: 'ipv4-truncated' };
  if (frame[ip] >> 4 !== 4) return { reason: 'ip-version' };
  if (room < 20) return { reason: 'ipv4-truncated' };
  const header = (frame[ip] & 15) * 4;
  if (header < 20) return { reason: 'ipv4-header-length' };
  if (header > room) return { reason: 'ipv4-truncated' };
  const total = u16(frame, ip + 2);
  if (total < header) return { reason: 'ipv4-length' };
  if (total > room) return { reason: 'ipv4-truncated' };
  if (onesSum(frame, ip, header) !== 0xffff) return { reason: 'ipv4-checksum' };
  const word = u16(frame, ip + 6);
  const protocol = frame[ip + 9];
  const offsetBytes = (word & 0x1fff) * 8;
  const more = (word & 0x2000) !== 0;
  const bytes = total - header;
  const fragment =
    offsetBytes > 0 || more ? { id: u16(frame, ip + 4), next: protocol, offsetBytes, more, bytes } : undefined;
  if (fragment && header + offsetBytes + bytes > LARGEST) return { reason: 'fragment-overflow' };
  return readTransport({
    frame,
    family: 4,
    ip,
    ipLength: total,
    src: hex(frame.subarray(ip + 12, ip + 16)),
    dst: hex(frame.subarray(ip + 16, ip + 20)),
    ttl: frame[ip + 8],
    protocol,
    l4: offsetBytes > 0 ? undefined : ip + header,
    l4Length: bytes,
    sport: 0,
    dport: 0,
    fragment,
    sourceRouted: false,
  });
}

function readIp6(frame: Uint8Array, ip: number): Packet | Refusal {
  const room = frame.length - ip;
  if (room < 1) return { reason: 'ipv6-truncated' };
  if (frame[ip] >> 4 !== 6) return { reason: 'ip-version' };
  if (room < 40) return { reason: 'ipv6-truncated' };
  const total = 40 + u16(frame, ip + 4);
  if (total > room) return { reason: 'ipv6-truncated' };
  const end = ip + total;
  let protocol = frame[ip + 6];
  let at = ip + 40;
  let fragment: Fragment | undefined;
  let sourceRouted = false;
  for (let seen = 0; EXTENSIONS.includes(protocol); seen++) {
    if (seen === MOST_EXTENSIONS || at + 8 > end) return { reason: 'ipv6-extension' };
    const next = frame[at];
    const length = extensionLength(protocol, frame[at + 1]);
    if (protocol === FRAGMENT_HEADER) {
      const word = u16(frame, at + 2);
      const offsetBytes = word & 0xfff8;
      const more = (word & 1) !== 0;
      const bytes = end - at - 8;
      if (offsetBytes > 0 || more) {
        if (at - ip - 40 + offsetBytes + bytes > LARGEST) return { reason: 'fragment-overflow' };
        fragment = { id: u16(frame, at + 4) * 65536 + u16(frame, at + 6), next, offsetBytes, more, bytes };
      }
    }
    if (at + length > end) return { reason: 'ipv6-extension' };
    if (protocol === ROUTING && frame[at + 3] > 0) sourceRouted = true;
    protocol = next;
    at += length;
    if (fragment && fragment.offsetBytes > 0) break;
  }
  return readTransport({
    frame,
    family: 6,
    ip,
    ipLength: total,
    src: hex(frame.subarray(ip + 8, ip + 24)),
    dst: hex(frame.subarray(ip + 24, ip + 40)),
    ttl: frame[ip + 7],
    protocol,
    l4: fragment && fragment.offsetBytes > 0 ? undefined : at,
    l4Length: end - at,
    sport: 0,
    dport: 0,
    fragment,
    sourceRouted,
  });
}

/** The headers behind IP, as far as they name the flow. */
function readTransport(packet: Packet): Packet | Refusal {
  const { frame, l4, l4Length, protocol, fragment } = packet;
  if (l4 === undefined) return packet;
  if (protocol === TCP) {
    if (l4Length < 20) return { reason: 'l4-truncated' };
    const header = (frame[l4 + 12] >> 4) * 4;
    if (header < 20 || header > l4Length) return { reason: 'l4-length' };
  } else if (protocol === UDP) {
    if (l4Length < 8) return { reason: 'l4-truncated' };
    const length = u16(frame, l4 + 4);
    if (length < 8 || (length > l4Length && fragment === undefined)) return { reason: 'l4-length' };
  } else {
    if ((protocol === ICMP || protocol === ICMP6) && l4Length < 8) return { reason: 'l4-truncated' };
    return packet;
  }
  return { ...packet, sport: u16(frame, l4), dport: u16(frame, l4 + 2) };
}

export function isIcmp({ family, protocol }: Pick<Packet, 'family' | 'protocol'>): boolean {
  return protocol === (family === 4 ? ICMP : ICMP6);
}

/** The packet that an ICMP message quotes, read without asking whether all of it is there. */
export interface Quoted {
  readonly ip: number;
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly l4: number;
  /** Bytes of its transport header and payload that are quoted. */
  readonly l4Length: number;
  /** 0 if it has none, or they are not quoted. */
  readonly sport: number;
  readonly dport: number;
  /** Whether the quotation tells all that names its flow. */
  readonly tellsFlow: boolean;
}

const ERRORS4 = [3, 4, 5, 11, 12];
const ERRORS6 = [1, 2, 3, 4];

export function isErrorType(packet: Packet): boolean {
  const type = packet.frame[packet.l4 ?? 0];
  return packet.l4 !== undefined && isIcmp(packet) && (packet.family === 4 ? ERRORS4 : ERRORS6).includes(type);
}

/** What an ICMP error is about; undefined if it does not quote a whole IP header. */
export function readQuoted(packet: Packet): Quoted | undefined {
  const { frame, family } = packet;
  if (packet.l4 === undefined) return undefined;
  const ip = packet.l4 + 8;
  const end = packet.l4 + packet.l4Length;
  const quoted = family === 4 ? quoted4(frame, ip, end) : quoted6(frame, ip, end);
  if (quoted === undefined) return undefined;
  const { l4, later, protocol } = quoted;
  const hasPorts = protocol === TCP || protocol === UDP;
  const known = hasPorts && !later && l4 + 4 <= end;
  return {
    ...quoted,
    l4Length: later ? 0 : end - l4,
    sport: known ? u16(frame, l4) : 0,
    dport: known ? u16(frame, l4 + 2) : 0,
    tellsFlow: known || !hasPorts,
  };
}

/** `later`: it quotes a later fragment, which has no transport header. */
type QuotedHeader = Omit<Quoted, 'l4Length' | 'sport' | 'dport' | 'tellsFlow'> & { readonly later: boolean };

function quoted4(frame: Uint8Array, ip: number, end: number): QuotedHeader | undefined {
  if (ip + 20 > end || frame[ip] >> 4 !== 4) return undefined;
  const header = (frame[ip] & 15) * 4;
  if (header < 20 || ip + header > end) return undefined;
  const later = (u16(frame, ip + 6) & 0x1fff) !== 0;
  const [src, dst] = [hex(frame.subarray(ip + 12, ip + 16)), hex(frame.subarray(ip + 16, ip + 20))];
  return { ip, src, dst, protocol: frame[ip + 9], l4: ip + header, later };
}

function quoted6(frame: Uint8Array, ip: number, end: number): QuotedHeader | undefined {
  if (ip + 40 > end || frame[ip] >> 4 !== 6) return undefined;
  let protocol = frame[ip + 6];
  let at = ip + 40;
  let later = false;
  for (let seen = 0; !later && EXTENSIONS.includes(protocol); seen++) {
    if (seen === MOST_EXTENSIONS || at + 8 > end) return undefined;
    later = protocol === FRAGMENT_HEADER && (u16(frame, at + 2) & 0xfff8) !== 0;
    const length = extensionLength(protocol, frame[at + 1]);
    protocol = frame[at];
    at += length;
    if (at > end) return undefined;
  }
  const [src, dst] = [hex(frame.subarray(ip + 8, ip + 24)), hex(frame.subarray(ip + 24, ip + 40))];
  return { ip, src, dst, protocol, l4: at, later };
}

/** Bytes of an extension header (RFC 8200 §4, RFC 4302 §2.2). */
function extensionLength(type: number, units: number): number {
  if (type === FRAGMENT_HEADER) return 8;
  return 8 + units * (type === AUTHENTICATION ? 4 : 8);
}
