import type { EffectiveAs } from '../effective/index.js';
import type { Problem } from '../errors.js';
import type { Config } from '../schema.js';
import type { VipRef } from '../vip-ref.js';

/** A configuration and what its ASs weigh just now. */
export interface Planned {
  readonly config: Config;
  /** By asId. */
  readonly effective: ReadonlyMap<string, EffectiveAs>;
}

/** One difference between two configurations. */
export interface PlanChange {
  readonly kind: 'add' | 'remove' | 'change';
  /** Place in the configuration after the change, as in `vips[2].ass[0].weight`; of what is removed, in the one before. */
  readonly path: string;
  /** The VIP, unless it is about the whole configuration. */
  readonly vip?: VipRef;
  /** Address of the AS, if it is about one. */
  readonly as?: string;
  /** Value before, in the form of the model; absent if there was none. */
  readonly from?: unknown;
  /** Value after; absent if there is none. */
  readonly to?: unknown;
  /** One line for a person. */
  readonly text: string;
}

/** Established flows by what becomes of them. */
export interface FlowCount {
  /** Stay on their AS. */
  readonly kept: number;
  /** Lose their AS: balanced anew, or without a VIP dropped. */
  readonly cut: number;
}

/** Buckets that leave one AS for another; null is no AS. */
export interface BucketMove {
  readonly from: string | null;
  readonly to: string | null;
  readonly buckets: number;
}

/** An AS of a VIP, before or after the change or both. */
export interface AsPlan {
  readonly address: string;
  /** Of the `newLenBefore` buckets of the table before. */
  readonly bucketsBefore: number;
  /** Of the `newLenAfter` buckets of the table after. */
  readonly bucketsAfter: number;
  /** What its weight asks for of the table after; not a whole number as a rule. */
  readonly idealAfter: number;
  /** Established flows now; null if not known. */
  readonly flows: number | null;
  /** What becomes of them; `none` for an AS that can have none. */
  readonly fate: 'kept' | 'cut' | 'none';
}

/** What a change does to the new-flow table and the established flows of one VIP. */
export interface VipPlan {
  readonly vip: VipRef;
  readonly change: 'added' | 'removed' | 'changed';
  /** 0 for a VIP that is added. */
  readonly newLenBefore: number;
  /** 0 for a VIP that is removed. */
  readonly newLenAfter: number;
  /** Buckets compared: those of the longer table. One of the shorter table counts for all that it stands for. */
  readonly buckets: number;
  /** Buckets of them that change their AS, getting one and losing one included. */
  readonly moved: number;
  /** Part of all buckets that moves, 0 to 1. */
  readonly share: number;
  /** Adds up to `moved`; most buckets first. */
  readonly moves: readonly BucketMove[];
  /** ASs before in their order, then those that are new. */
  readonly ass: readonly AsPlan[];
  /** null if flow counts are not known. */
  readonly flows: FlowCount | null;
}

/** What a change would do. */
export interface Plan {
  /** In the order of the document: settings, then VIPs that go, change and come. */
  readonly changes: readonly PlanChange[];
  /** VIPs whose table, ASs or flows are affected; in the order of the document, those that go first. */
  readonly vips: readonly VipPlan[];
  /** Over all ASs of both sides, also of VIPs that are not affected; null if flow counts are not known. */
  readonly flows: FlowCount | null;
  readonly warnings: readonly Problem[];
}

/** Live flows of an AS; undefined if not known. Entries that were flushed do not count. */
export type FlowsOf = (vip: VipRef, address: string) => number | undefined;
