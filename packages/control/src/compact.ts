import {
  type AsConfig,
  type Config,
  type ConfigInput,
  configSchema,
  emptyConfig,
  natInterfacesSchema,
  type VipConfig,
  vipSchema,
} from './schema.js';

/** A configuration as a person would write it: encap and newLen of every VIP, and what differs from its default. */
export function compactConfig(config: Config): ConfigInput {
  const { vips, natInterfaces, ...globals } = config;
  const interfaces = without(natInterfaces, { nat4: [], nat6: [] });
  return {
    ...without(globals, emptyConfig()),
    ...(Object.keys(interfaces).length > 0 ? { natInterfaces: interfaces } : {}),
    ...(vips.length > 0 ? { vips: vips.map(compactVip) } : {}),
  };
}

/** Settings of a VIP that every form writes although they have a default: an operator looks for them. */
const ALWAYS = ['encap', 'newLen'] as const;

function compactVip(vip: VipConfig): NonNullable<ConfigInput['vips']>[number] {
  const { prefix, ass, ...settings } = vip;
  const defaults: Partial<VipConfig> = { ...vipDefaults };
  for (const key of ALWAYS) delete defaults[key];
  return {
    prefix,
    ...without(settings, defaults),
    ...(ass.length > 0 ? { ass: ass.map(compactAs) } : {}),
  };
}

function compactAs({ address, weight }: AsConfig): { address: string; weight?: number } {
  return weight === 100 ? { address } : { address, weight };
}

/** A VIP with everything at its default. */
export const vipDefaults: Readonly<Omit<VipConfig, 'prefix'>> = (() => {
  const { prefix: _, ...defaults } = vipSchema.parse({ prefix: '0.0.0.0/0' });
  return defaults;
})();

/** Keys in the order of the schema, whatever order the values came in. */
const ORDER = [
  ...Object.keys(configSchema.shape),
  ...Object.keys(vipSchema.shape),
  ...Object.keys(natInterfacesSchema.shape),
];

/** The entries of `values` that differ from `defaults`. */
function without<T extends object>(values: T, defaults: Partial<T>): Partial<T> {
  const entries = Object.entries(values).sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b)) as [
    keyof T,
    unknown,
  ][];
  const kept = entries.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key]));
  return Object.fromEntries(kept) as Partial<T>;
}
