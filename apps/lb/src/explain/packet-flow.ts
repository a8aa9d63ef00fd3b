import type { Address } from '@lb/core';
import { PROTOCOL_ICMP, PROTOCOL_ICMP6, PROTOCOL_TCP, PROTOCOL_UDP } from '@lb/encap';
import type { ExplainedFlow } from './explanation.js';
import type { Flow, FlowProtocol } from './flow.js';

/** Who a packet is from and to, and the flow that it is balanced with. */
export interface PacketFlow {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  /** Null for protocols without ports, for later fragments, and where the packet ends before them. */
  readonly ports: readonly [source: number, destination: number] | null;
  /** The packet that an ICMP error is about, which went the other way. */
  readonly about: PacketFlow | null;
}

const ETHERNET_BYTES = 14;
const MAX_TAGS = 2;
/** Hop-by-hop options, routing, destination options (RFC 8200 §4), mobility, HIP, shim6: all of one form. */
const EXTENSIONS: readonly number[] = [0, 43, 60, 135, 139, 140];
const FRAGMENT = 44;
const MAX_EXTENSIONS = 8;
const ERRORS4: readonly number[] = [3, 4, 5, 11, 12];

/** What an Ethernet frame says about its flow; null: it is no IP packet, or ends inside its IP header. */
export function packetFlow(frame: Uint8Array): PacketFlow | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let at = ETHERNET_BYTES;
  for (let tags = 0; at <= view.byteLength; tags++, at += 4) {
    const type = view.getUint16(at - 2);
    if (type === 0x0800 || type === 0x86dd) return ipFlow(view, at, true);
    if ((type !== 0x8100 && type !== 0x88a8) || tags === MAX_TAGS) return null;
  }
  return null;
}

/** The flow by which a packet is balanced; null for protocols that have none. */
export function balancedFlow({ source, destination, protocol, ports, about }: PacketFlow): Flow | null {
  if (about !== null) {
    const inner = balancedFlow(about);
    // The quoted packet went from the VIP to the client.
    return inner && { ...inner, ...turned(inner) };
  }
  const name = protocolName(protocol);
  if (name === undefined) return null;
  const [sourcePort, destinationPort] = ports ?? [0, 0];
  return { source, destination, protocol: name, sourcePort, destinationPort };
}

/** The flow as an explanation tells it. */
export function explainedFlow(flow: PacketFlow, text: (address: Address) => string): ExplainedFlow {
  return {
    source: text(flow.source),
    sourcePort: flow.ports?.[0] ?? null,
    destination: text(flow.destination),
    destinationPort: flow.ports?.[1] ?? null,
    protocol: protocolName(flow.protocol) ?? String(flow.protocol),
  };
}

function turned({ source, destination, sourcePort, destinationPort }: Flow): Partial<Flow> {
  return {
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
}

function protocolName(protocol: number): FlowProtocol | undefined {
  if (protocol === PROTOCOL_TCP) return 'tcp';
  if (protocol === PROTOCOL_UDP) return 'udp';
  return protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMP6 ? 'icmp' : undefined;
}

function ipFlow(view: DataView, ip: number, isOuter: boolean): PacketFlow | null {
  const version = ip < view.byteLength ? view.getUint8(ip) >>> 4 : 0;
  const headerBytes = version === 4 ? 20 : version === 6 ? 40 : Number.POSITIVE_INFINITY;
  if (ip + headerBytes > view.byteLength) return null;
  const { protocol, l4, isLater } = version === 4 ? payload4(view, ip) : payload6(view, ip);
  const addressAt = (at: number): Address => ({
    family: version as 4 | 6,
    bytes: new Uint8Array(view.buffer.slice(view.byteOffset + at, view.byteOffset + at + (version === 4 ? 4 : 16))),
  });
  const hasPorts = !isLater && (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) && l4 + 4 <= view.byteLength;
  return {
    source: addressAt(version === 4 ? ip + 12 : ip + 8),
    destination: addressAt(version === 4 ? ip + 16 : ip + 24),
    protocol,
    ports: hasPorts ? [view.getUint16(l4), view.getUint16(l4 + 2)] : null,
    about: isOuter && !isLater && isError(view, protocol, l4) ? ipFlow(view, l4 + 8, false) : null,
  };
}

/** Where the payload of an IP packet begins, and what it is. */
interface Payload {
  readonly protocol: number;
  readonly l4: number;
  /** A fragment but the first: what it carries has no header. */
  readonly isLater: boolean;
}

function payload4(view: DataView, ip: number): Payload {
  const headerBytes = Math.max(20, (view.getUint8(ip) & 15) * 4);
  return { protocol: view.getUint8(ip + 9), l4: ip + headerBytes, isLater: (view.getUint16(ip + 6) & 0x1fff) !== 0 };
}

function payload6(view: DataView, ip: number): Payload {
  let protocol = view.getUint8(ip + 6);
  let l4 = ip + 40;
  for (let headers = 0; headers < MAX_EXTENSIONS && l4 + 8 <= view.byteLength; headers++) {
    if (protocol === FRAGMENT) {
      const isLater = (view.getUint16(l4 + 2) & 0xfff8) !== 0;
      protocol = view.getUint8(l4);
      l4 += 8;
      if (isLater) return { protocol, l4, isLater };
    } else if (EXTENSIONS.includes(protocol)) {
      protocol = view.getUint8(l4);
      l4 += 8 + view.getUint8(l4 + 1) * 8;
    } else break;
  }
  return { protocol, l4, isLater: false };
}

/** Whether the payload is an ICMP error, which carries the packet it is about (RFC 1122 §3.2.2, RFC 4443 §2.1). */
function isError(view: DataView, protocol: number, l4: number): boolean {
  if (l4 >= view.byteLength) return false;
  const type = view.getUint8(l4);
  if (protocol === PROTOCOL_ICMP) return ERRORS4.includes(type);
  return protocol === PROTOCOL_ICMP6 && type >= 1 && type <= 4;
}
