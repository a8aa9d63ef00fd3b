import type { Address, Prefix } from '@lb/core';

export type ReceiveKind = 'af_packet' | 'af_xdp';

/** An interface that balanced traffic arrives on. */
export interface ReceiveInterface {
  readonly name: string;
  readonly kind: ReceiveKind;
}

/** L3DSR: packets to the server itself with this DSCP value were for this VIP. */
export interface DscpVip {
  /** 1–63. */
  readonly dscp: number;
  /** IPv4. */
  readonly vip: Address;
}

/** What a backend takes and where it hands it over; see docs/backend.md. */
export interface BackendSpec {
  readonly interfaces: readonly ReceiveInterface[];
  /** Every destination that is given to the host, those of `dscp` included. None twice. */
  readonly vips: readonly Prefix[];
  readonly dscp: readonly DscpVip[];
  /** Addresses of this server that balanced traffic is sent to; undefined: those that the interfaces have at the time. */
  readonly local: readonly Address[] | undefined;
  /** Outer sources from which GRE is taken; empty: all. */
  readonly from: readonly Prefix[];
  /** Name of the TAP interface. */
  readonly tap: string;
  /** Largest TCP segment size that answers from a VIP may announce; undefined: as the host does. */
  readonly mss: number | undefined;
}
