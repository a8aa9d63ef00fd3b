import { MAX_AS_SLOTS, MAX_VIP_SLOTS } from './image/compiler.js';
import { REASONS, type ReasonName } from './verdicts.js';

/**
 * Counters of one worker: one Float64Array over shared memory (exact up to 2^53), written by the worker only and
 * sampled by anybody. Three parts: worker counters, a VipCounter group per VIP slot, an AsCounter group per AS slot.
 * (Const enums: see burst.ts.)
 */
export const enum WorkerCounter {
  RECEIVED = 0,
  FORWARDED = 1,
  REPLIED = 2,
  PUNTED = 3,
  DROPPED = 4,
  BURSTS = 5,
  /** Fragments held just now, and released with their first so far. */
  HELD = 6,
  RELEASED = 7,
  /** Packets restored on the NAT return path. */
  NAT_RETURN = 8,
  /** Packets made here by fragmenting: forwarded beyond those received. */
  FRAGMENTS_MADE = 9,
  /** One per reason code from here. */
  REASONS = 16,
  COUNT = 64,
}

export const enum VipCounter {
  EXISTING = 0,
  FIRST = 1,
  UNTRACKED = 2,
  NO_SERVER = 3,
  /** Packets of the return path restored to this VIP. */
  NAT_RETURN = 4,
  COUNT = 8,
}

export const enum AsCounter {
  PACKETS = 0,
  /** Bytes of IP packets as received: without Ethernet, without the encapsulation added. */
  BYTES = 1,
  /** First packets of flows, each of which made or took over an entry. */
  FIRST = 2,
  /** Packets of new flows that found no room in the flow table. */
  UNTRACKED = 3,
  COUNT = 4,
}

const VIPS_AT = WorkerCounter.COUNT;
const ASS_AT = VIPS_AT + MAX_VIP_SLOTS * VipCounter.COUNT;
/** Doubles of one worker's counters. */
export const COUNTER_VALUES = ASS_AT + MAX_AS_SLOTS * AsCounter.COUNT;

if (WorkerCounter.REASONS + REASONS.length > WorkerCounter.COUNT) throw new Error('more reasons than worker counters');

export interface WorkerTotals {
  received: number;
  forwarded: number;
  replied: number;
  punted: number;
  dropped: number;
  bursts: number;
  held: number;
  released: number;
  natReturn: number;
  fragmentsMade: number;
}

export interface VipTotals {
  existing: number;
  first: number;
  untracked: number;
  noServer: number;
  natReturn: number;
}

export interface AsTotals {
  packets: number;
  bytes: number;
  first: number;
  untracked: number;
}

export class Counters {
  readonly values: Float64Array;
  readonly vipsAt: number = VIPS_AT;
  readonly assAt: number = ASS_AT;

  /** @param memory COUNTER_VALUES zeroed doubles; shared memory is allocated if absent */
  constructor(memory?: Float64Array) {
    this.values = memory ?? new Float64Array(new SharedArrayBuffer(COUNTER_VALUES * 8));
  }

  worker(): WorkerTotals {
    const v = this.values;
    return {
      received: v[WorkerCounter.RECEIVED],
      forwarded: v[WorkerCounter.FORWARDED],
      replied: v[WorkerCounter.REPLIED],
      punted: v[WorkerCounter.PUNTED],
      dropped: v[WorkerCounter.DROPPED],
      bursts: v[WorkerCounter.BURSTS],
      held: v[WorkerCounter.HELD],
      released: v[WorkerCounter.RELEASED],
      natReturn: v[WorkerCounter.NAT_RETURN],
      fragmentsMade: v[WorkerCounter.FRAGMENTS_MADE],
    };
  }

  /** Packets by reason of drop or punt; reasons never met are left out. */
  reasons(): Partial<Record<ReasonName, number>> {
    const seen: Partial<Record<ReasonName, number>> = {};
    REASONS.forEach(([name], code) => {
      const packets = this.values[WorkerCounter.REASONS + code];
      if (packets > 0) seen[name] = packets;
    });
    return seen;
  }

  vip(slot: number): VipTotals {
    const at = VIPS_AT + slot * VipCounter.COUNT;
    const v = this.values;
    return {
      existing: v[at + VipCounter.EXISTING],
      first: v[at + VipCounter.FIRST],
      untracked: v[at + VipCounter.UNTRACKED],
      noServer: v[at + VipCounter.NO_SERVER],
      natReturn: v[at + VipCounter.NAT_RETURN],
    };
  }

  as(slot: number): AsTotals {
    const at = ASS_AT + slot * AsCounter.COUNT;
    const v = this.values;
    return {
      packets: v[at + AsCounter.PACKETS],
      bytes: v[at + AsCounter.BYTES],
      first: v[at + AsCounter.FIRST],
      untracked: v[at + AsCounter.UNTRACKED],
    };
  }

  /** Forget a slot's history before it is handed to another owner. */
  clearAs(slot: number): void {
    this.values.fill(0, ASS_AT + slot * AsCounter.COUNT, ASS_AT + (slot + 1) * AsCounter.COUNT);
  }

  clearVip(slot: number): void {
    this.values.fill(0, VIPS_AT + slot * VipCounter.COUNT, VIPS_AT + (slot + 1) * VipCounter.COUNT);
  }
}
