/** IP protocol numbers the pipeline looks into (IANA). Imported constants are fine outside the hottest loops. */
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMP6 = 58;

/** Bytes a header of this protocol needs at least; 0 for protocols not looked into. */
export function l4HeaderLength(protocol: number): number {
  if (protocol === PROTOCOL_TCP) return 20;
  return protocol === PROTOCOL_UDP || protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMP6 ? 8 : 0;
}

/**
 * Whether a TCP or UDP header's own length fits: TCP's data offset covers its header and stays within the packet, UDP's
 * length covers its header and, unless fragments follow, stays within the packet.
 * @param bytes from the header to the end of the packet, enough for the header
 */
export function isPlausibleL4(
  u8: Uint8Array,
  l4: number,
  protocol: number,
  bytes: number,
  fragmented: boolean,
): boolean {
  if (protocol === PROTOCOL_TCP) {
    const header = (u8[l4 + 12] >>> 4) << 2;
    return header >= 20 && header <= bytes;
  }
  const length = (u8[l4 + 4] << 8) | u8[l4 + 5];
  return length >= 8 && (fragmented || length <= bytes);
}
