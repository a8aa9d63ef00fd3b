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
