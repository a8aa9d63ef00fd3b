import type { Config, Encap } from '@lb/control';
import type { VERDICT_NAMES } from '@lb/dataplane';
import type { Header } from './headers.js';

/** A frame, field by field and as it stands. */
export interface Frame {
  /** Length without frame check sequence. */
  readonly bytes: number;
  readonly headers: readonly Header[];
  readonly hex: string;
}

/** Who a packet is from and to. Ports are null where there are none, or where the packet does not tell them. */
export interface ExplainedFlow {
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
  /** `tcp`, `udp` or `icmp`; of a given packet also another protocol, by its number. */
  readonly protocol: string;
}

/** The JSON of `lb explain`. What a packet did not come to is null. */
export interface Explanation {
  readonly flow: ExplainedFlow;
  readonly verdict: (typeof VERDICT_NAMES)[number];
  /** Why it is dropped or left to the kernel. */
  readonly reason: string | null;
  /** VIP prefixes that hold the destination, longest first: the first one decides. */
  readonly prefixes: readonly string[];
  readonly vip: {
    readonly prefix: string;
    readonly protocol: 'tcp' | 'udp' | null;
    readonly port: number | null;
    readonly encap: Encap;
    readonly newLen: number;
  } | null;
  readonly hash: {
    readonly kind: Config['flowHash'];
    /** 64-bit identity of the flow, by which the flow table knows it. */
    readonly identity: string;
    /** 32-bit number whose low bits are the bucket. */
    readonly value: number;
  } | null;
  readonly flowTable: 'hit' | 'miss' | null;
  /** Bucket of the new-flow table, which decides on a miss. */
  readonly bucket: number | null;
  readonly as: { readonly address: string; readonly weight: number } | null;
  readonly before: Frame;
  /** As sent, or null when it is not. */
  readonly after: Frame | null;
}

/** The same for a packet that was given: one that is no IP packet has no flow. */
export interface PacketExplanation extends Omit<Explanation, 'flow'> {
  readonly flow: ExplainedFlow | null;
}
