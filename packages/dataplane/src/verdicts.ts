/**
 * Verdicts, and the reasons behind drops and punts. The texts are the names users see (JSON, counters, metrics);
 * docs/dataplane.md lists them, and a test holds the two together.
 */
export const enum Verdict {
  PENDING = 0,
  /** Send it on, rewritten. */
  FORWARD = 1,
  /** Send back what was made of it here (an ICMP answer). */
  REPLY = 2,
  /** Not ours: to the kernel. */
  PUNT = 3,
  DROP = 4,
  /** Copied aside until the first fragment of its datagram arrives; its own frame is free. */
  HOLD = 5,
}

export const VERDICT_NAMES = ['pending', 'forward', 'reply', 'punt', 'drop', 'hold'] as const;

/** Reason code = index in this list. Those from `not-ip` to `echo-fragment` are punts, the others drops. */
export const REASONS = [
  ['none', 'No reason recorded'],
  ['not-ip', 'Neither IPv4 nor IPv6 behind at most two VLAN tags (ARP, LLDP, …)'],
  ['no-vip', 'The destination is in no VIP prefix'],
  ['other-port', 'The longest matching prefix serves other protocols or ports only'],
  ['neighbour-discovery', 'ICMPv6 router or neighbour discovery, which is the kernel’s business'],
  ['echo-fragment', 'A fragmented echo request to a per-port VIP'],
  ['ethernet-truncated', 'The frame ends inside its Ethernet header or VLAN tag'],
  ['ip-version', 'The IP version does not match the EtherType'],
  ['ipv4-header-length', 'IPv4 header length below 20 bytes'],
  ['ipv4-truncated', 'The IPv4 header or packet is longer than the frame'],
  ['ipv4-length', 'IPv4 total length below the header length'],
  ['ipv4-checksum', 'Wrong IPv4 header checksum'],
  ['ipv6-truncated', 'The IPv6 header or packet is longer than the frame'],
  ['ipv6-extension', 'IPv6 extension headers run beyond the packet, or there are more than eight'],
  ['l4-truncated', 'The TCP, UDP or ICMP header is cut short'],
  ['l4-length', 'A TCP data offset or UDP length that contradicts the packet'],
  ['fragment-overflow', 'A fragment that ends beyond the largest IP packet'],
  ['fragment-orphan', 'A later fragment whose first fragment never came'],
  ['fragment-buffer-full', 'A later fragment arrived before its first and there was no room to hold it'],
  ['ttl-expired', 'TTL or hop limit used up (L3DSR and NAT count as a hop)'],
  ['no-server', 'The VIP has no application server with a weight'],
  ['encap-too-big', 'The packet with its outer header would exceed 65,535 bytes'],
  ['nat-no-flow', 'An ICMP error to a NAT VIP about a flow that is not known'],
  ['mtu-exceeded', 'Too long for the way to its AS, and neither to be fragmented nor to be answered'],
  ['icmp-rate-limited', 'Would have been answered with an ICMP error, but too many were sent just now'],
  ['nat-table-full', 'No room to note how the answers of a NAT flow are restored'],
  ['nat-port-exhausted', 'No free client port to tell two flows of one client apart'],
  ['nat-routing-header', 'IPv6 to a NAT VIP that a routing header sends on to another destination'],
  ['icmp-error-fragment', 'A fragmented ICMP error whose first fragment does not tell what flow it is about'],
] as const;

export type ReasonName = (typeof REASONS)[number][0];

const codes = new Map<string, number>(REASONS.map(([name], code) => [name, code]));

/** Code of a reason's name. */
export function reasonCode(name: ReasonName): number {
  return codes.get(name)!;
}

/** Codes for the pipeline; a test holds them against {@link REASONS}. */
export const enum Reason {
  NONE = 0,
  NOT_IP = 1,
  NO_VIP = 2,
  OTHER_PORT = 3,
  NEIGHBOUR_DISCOVERY = 4,
  ECHO_FRAGMENT = 5,
  ETHERNET_TRUNCATED = 6,
  IP_VERSION = 7,
  IPV4_HEADER_LENGTH = 8,
  IPV4_TRUNCATED = 9,
  IPV4_LENGTH = 10,
  IPV4_CHECKSUM = 11,
  IPV6_TRUNCATED = 12,
  IPV6_EXTENSION = 13,
  L4_TRUNCATED = 14,
  L4_LENGTH = 15,
  FRAGMENT_OVERFLOW = 16,
  FRAGMENT_ORPHAN = 17,
  FRAGMENT_BUFFER_FULL = 18,
  TTL_EXPIRED = 19,
  NO_SERVER = 20,
  ENCAP_TOO_BIG = 21,
  NAT_NO_FLOW = 22,
  MTU_EXCEEDED = 23,
  ICMP_RATE_LIMITED = 24,
  NAT_TABLE_FULL = 25,
  NAT_PORT_EXHAUSTED = 26,
  NAT_ROUTING_HEADER = 27,
  ICMP_ERROR_FRAGMENT = 28,
}

/** Whether a reason leads to the kernel rather than to a drop. */
export function isPunt(reason: number): boolean {
  return reason >= Reason.NOT_IP && reason <= Reason.ECHO_FRAGMENT;
}
