import type { VipRef } from '@lb/control';
import { parseAddress } from '@lb/core';
import { asKey, vipKey } from '@lb/dataplane';
import { specOf } from './cut-keys.js';
import type { Dataplane } from './dataplane.js';

/** Keys of an AS of a VIP, or of all its ASs, also of those that have left it. */
export function flushKeys({ slotMaps }: Dataplane, vip: VipRef, address: string | undefined): string[] {
  if (address !== undefined) return [asKey(specOf(vip), parseAddress(address))];
  const own = `${vipKey(specOf(vip))} `;
  return [...slotMaps.asSlots.keys()].filter((key) => key.startsWith(own));
}
