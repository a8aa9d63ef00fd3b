import { type VipConfig, vipId, vipRefOf } from '@lb/control';
import type { LbClient } from '@lb/control/client';
import { parseAddress, tableStats } from '@lb/core';
import type { TableReport } from './table-report.js';

/** The new-flow table of a VIP as the workers of a daemon have it now, with the weights that made it. */
export async function liveTable(client: LbClient, vip: VipConfig): Promise<TableReport> {
  const ref = vipRefOf(vip);
  const { newLen, ass: addresses, buckets } = await client.buckets(ref);
  const sample = (await client.counters()).vips.find(({ id }) => id === vipId(ref));
  const weights = new Map(sample?.ass.map(({ address, effectiveWeight }) => [address, effectiveWeight]));
  const ass = addresses.map((address) => ({ address: parseAddress(address), weight: weights.get(address) ?? 0 }));
  const stats = tableStats(buckets, ass);
  return {
    prefix: vip.prefix,
    newLen,
    buckets: Array.from(buckets, (index) => (index < 0 ? null : addresses[index]!)),
    ass: addresses.map((address, i) => ({ address, weight: ass[i]!.weight, ...stats.ass[i]! })),
    imbalance: stats.imbalance,
  };
}
