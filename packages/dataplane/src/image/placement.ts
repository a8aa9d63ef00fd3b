import type { AsSpec, VipSpec } from './spec.js';

/** An AS of a VIP and the slot it has. */
export interface AsPlacement {
  readonly vip: VipSpec;
  readonly as: AsSpec;
  readonly slot: number;
}

/** Who has which slot. */
export interface Placement {
  readonly vipSlots: number;
  readonly asSlots: number;
  vipSlot(vip: VipSpec): number;
  asSlot(vip: VipSpec, as: AsSpec): number;
  /** New-flow table of a VIP: bucket → index into its ASs, or −1. */
  table(vip: VipSpec): Int32Array;
  /** ASs that left the configuration but may own flows. */
  readonly lingering: readonly AsPlacement[];
}
