import type { Config, VipConfig } from '@lb/control';
import { resolveConfig } from '@lb/control';
import { buildNewFlowTable, formatAddress, tableStats } from '@lb/core';

/** The JSON of `lb table`. */
export interface TableReport {
  readonly prefix: string;
  readonly newLen: number;
  /** Address of the AS of each bucket, null where there is no server. */
  readonly buckets: readonly (string | null)[];
  /** In configuration order, without those that are cut (disabled, or to be drained until a time). */
  readonly ass: readonly TableAs[];
  /** How far the fullest AS exceeds its ideal share, as a factor: 1 is perfect; 0 when no AS has a weight. */
  readonly imbalance: number;
}

export interface TableAs {
  readonly address: string;
  readonly weight: number;
  readonly buckets: number;
  /** Part of all buckets, 0 to 1. */
  readonly share: number;
  /** The part that its weight asks for. */
  readonly ideal: number;
}

/** Builds the new-flow table of a VIP as workers get it. */
export function reportTable(config: Config, vip: VipConfig): TableReport {
  const { ass } = resolveConfig({ ...config, vips: [vip] }).vips[0]!;
  const table = buildNewFlowTable(config.table, ass, vip.newLen);
  const stats = tableStats(table, ass);
  const addresses = ass.map(({ address }) => formatAddress(address));
  return {
    prefix: vip.prefix,
    newLen: vip.newLen,
    buckets: Array.from(table, (index) => (index < 0 ? null : addresses[index]!)),
    ass: ass.map(({ weight }, i) => ({ address: addresses[i]!, weight, ...stats.ass[i]! })),
    imbalance: stats.imbalance,
  };
}
