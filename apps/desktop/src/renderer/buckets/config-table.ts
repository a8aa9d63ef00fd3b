import { asId, type Config, type EffectiveAs, effectiveVip, type HealthOf, resolveConfig, vipId } from '@lb/control';
import { buildNewFlowTable, formatAddress } from '@lb/core';
import type { NamedBuckets } from './bucket-pair.js';

/** What the ASs of a VIP weigh at a moment, in their order. */
export interface WeighedVip {
  readonly vip: Config['vips'][number];
  readonly effective: readonly EffectiveAs[];
}

/** A VIP of a configuration with the weights of the moment; undefined: there is no such VIP. */
export function weighVip(config: Config, id: string, nowMs: number, health: HealthOf): WeighedVip | undefined {
  const vip = config.vips.find((other) => vipId(other) === id);
  return vip && { vip, effective: effectiveVip(vip, nowMs, (address) => health(vip, address)) };
}

/** Two tables are the same if all that this tells is. */
export function tableKey(config: Config, { vip, effective }: WeighedVip): string {
  const ass = vip.ass.map(({ address }, i) => `${address} ${effective[i]!.weight} ${effective[i]!.cut}`);
  return [config.table, vip.newLen, ...ass].join('\n');
}

/** The new-flow table that workers would have, filled by the function that fills theirs. */
export function configTable(config: Config, { vip, effective }: WeighedVip): NamedBuckets {
  const weights = new Map(vip.ass.map(({ address }, i) => [asId(vip, address), effective[i]!]));
  const { table, vips } = resolveConfig({ ...config, vips: [vip] }, weights);
  const { newLen, ass } = vips[0]!;
  return {
    ass: ass.map(({ address }) => formatAddress(address)),
    buckets: buildNewFlowTable(table, ass, newLen),
  };
}
