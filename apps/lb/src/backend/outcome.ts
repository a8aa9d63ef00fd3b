/** What became of a received frame, in the order of {@link Outcome}. The first three are given to the host. */
export const OUTCOMES = ['gre4', 'gre6', 'l3dsr', 'other', 'notVip', 'refused', 'outerFragment', 'malformed'] as const;
export type OutcomeName = (typeof OUTCOMES)[number];

export const Outcome = {
  /** GRE inside IPv4. */
  GRE4: 0,
  /** GRE inside IPv6. */
  GRE6: 1,
  /** Sent to the server's own address with the DSCP value of a VIP. */
  L3DSR: 2,
  /** Not balanced traffic: the kernel's. */
  OTHER: 3,
  /** GRE whose inner destination is no VIP: the kernel's. */
  NOT_VIP: 4,
  /** GRE from a source that is not allowed: the kernel's. */
  REFUSED: 5,
  /** GRE whose outer packet is a fragment: the kernel's, which has no use for it. */
  OUTER_FRAGMENT: 6,
  /** Ends within a header, a length that does not fit, or a wrong checksum of the outer header. */
  MALFORMED: 7,
} as const;

/** Whether a frame with this outcome goes to the host through the TAP. */
export function isDelivered(outcome: number): boolean {
  return outcome <= Outcome.L3DSR;
}
