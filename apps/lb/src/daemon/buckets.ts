import { vipKey as configKey, type VipRef } from '@lb/control';
import type { BucketTable } from '@lb/control/api';
import type { Dataplane } from './dataplane.js';
import { daemonError } from './errors.js';

/**
 * The new-flow table of a VIP as workers have it.
 * @throws LbError LB_DAEMON_REQUEST if it is not served
 */
export function bucketsOf({ vips, currentImage }: Dataplane, vip: VipRef): BucketTable {
  const placed = vips.find(({ config }) => configKey(config) === configKey(vip));
  if (placed === undefined) throw daemonError('LB_DAEMON_REQUEST', `VIP ${configKey(vip)} is not served`);
  const indexes = new Map(placed.ass.map(({ slot }, index) => [slot, index]));
  // Buckets of the image hold the slot and one; 0 is no AS.
  const buckets = currentImage.table(placed.slot).map((slot) => indexes.get(slot) ?? -1);
  return { newLen: buckets.length, ass: placed.ass.map(({ config }) => config.address), buckets };
}
