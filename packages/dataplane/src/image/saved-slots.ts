import { formatAddress, parseAddress } from '@lb/core';
import type { AsSpec } from './spec.js';

/** A {@link SlotMap}'s content. */
export interface SavedSlotMap {
  /** Slots ever handed out; all are below this number. */
  readonly size: number;
  readonly slots: readonly (readonly [key: string, slot: number])[];
}

/** An AS that has a slot, by the key under which it has it. */
export interface SavedAs {
  readonly key: string;
  /** Key of its VIP. */
  readonly vip: string;
  readonly address: string;
  readonly weight: number;
  readonly draining?: boolean;
  readonly udpEnds?: boolean;
  /** It has left the configuration. */
  readonly lingers?: boolean;
  /** Its flows are balanced anew. */
  readonly flushed?: boolean;
}

/** Who has which slot, and who may still own flows: what flow tables mean. Plain values, as JSON keeps them. */
export interface SavedSlots {
  readonly vips: SavedSlotMap;
  readonly ass: SavedSlotMap;
  readonly owners: readonly SavedAs[];
}

/** Keeps slots for the next process, beside the flow tables that hold them. */
export interface SlotKeeper {
  /** What the process before has left; undefined if there was none, or its tables are not used. */
  readonly saved: SavedSlots | undefined;
  /** Called before a worker can get the image in which these slots are used. Never throws. */
  save(slots: SavedSlots): void;
}

/** The specification behind a saved AS. */
export function specOfSaved({ address, weight, draining, udpEnds }: SavedAs): AsSpec {
  return {
    address: parseAddress(address),
    weight,
    ...(draining !== undefined && { draining }),
    ...(udpEnds !== undefined && { udpEnds }),
  };
}

/** The fields of a saved AS that come from its specification. */
export function savedOfSpec({ address, weight, draining, udpEnds }: AsSpec) {
  return {
    address: formatAddress(address),
    weight,
    ...(draining !== undefined && { draining }),
    ...(udpEnds !== undefined && { udpEnds }),
  };
}
