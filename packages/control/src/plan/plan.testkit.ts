import { type EffectiveAs, effectiveAss } from '../effective/index.js';
import type { Config, ConfigInput } from '../schema.js';
import { parseConfig } from '../validate.js';
import type { Planned } from './types.js';

/** When all plans of tests are made. */
export const NOW = Date.parse('2026-03-01T12:00:00Z');

export type VipInput = NonNullable<ConfigInput['vips']>[number];

export function configOf(input: ConfigInput): Config {
  return parseConfig(input).config;
}

/** @param failing addresses of ASs that fail their health check */
export function planned(config: Config, failing: readonly string[] = [], now = NOW): Planned {
  const health = (_: unknown, address: string) => (failing.includes(address) ? 'failing' : 'healthy');
  return { config, effective: effectiveAss(config, now, health) };
}

/** A configuration of one GRE VIP, `90.0.0.0/8` unless said otherwise; ASs as addresses or with their settings. */
export function oneVip(ass: readonly (string | NonNullable<VipInput['ass']>[number])[], more: Partial<VipInput> = {}) {
  const list = ass.map((as) => (typeof as === 'string' ? { address: as } : as));
  return configOf({ ip4SrcAddress: '192.0.2.254', vips: [{ prefix: '90.0.0.0/8', newLen: 8, ass: list, ...more }] });
}

/** What an AS does that has nothing but a weight. */
export function weighing(weight: number): EffectiveAs {
  return { weight, draining: false, udpEnds: false, cut: false, reason: 'configured' };
}
