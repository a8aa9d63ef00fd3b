import {
  type AsConfig,
  asSchema,
  type Check,
  type Config,
  type ConfigInput,
  checkSchema,
  configSchema,
  emptyConfig,
  type VipConfig,
  vipSchema,
} from './schema.js';

/** A configuration as a person would write it: encap and newLen of every VIP, and what differs from its default. */
export function compactConfig(config: Config): ConfigInput {
  const { vips, natInterfaces, ...settings } = config;
  const interfaces = without(natInterfaces, { nat4: [], nat6: [] }, ['nat4', 'nat6']);
  return without(
    {
      ...settings,
      natInterfaces: interfaces,
      vips: vips.map(compactVip),
    },
    { ...emptyConfig(), natInterfaces: {} },
    Object.keys(configSchema.shape),
  );
}

/** Settings of a VIP that every form writes although they have a default: an operator looks for them. */
const ALWAYS = ['encap', 'newLen'] as const;

type VipInput = NonNullable<ConfigInput['vips']>[number];
/** A health check as written. */
export type CheckInput = NonNullable<VipInput['check']>;

function compactVip(vip: VipConfig): VipInput {
  const { prefix, ass, check, ...settings } = vip;
  const defaults: Partial<VipConfig> = { ...vipDefaults };
  for (const key of ALWAYS) delete defaults[key];
  const compact = {
    ...settings,
    ...(check === undefined ? {} : { check: compactCheck(check) }),
    ass: ass.map(compactAs),
  };
  return { prefix, ...without(compact, defaults, Object.keys(vipSchema.shape)) };
}

/** A health check with its type and what differs from its default. */
export function compactCheck({ type, ...settings }: Check): CheckInput {
  return { type, ...without(settings, checkDefaults, Object.keys(checkSchema.shape)) };
}

function compactAs({ address, ...settings }: AsConfig): NonNullable<VipInput['ass']>[number] {
  return { address, ...without(settings, asDefaults, Object.keys(asSchema.shape)) };
}

/** A VIP with everything at its default. */
export const vipDefaults: Readonly<Omit<VipConfig, 'prefix'>> = (() => {
  const { prefix: _, ...defaults } = vipSchema.parse({ prefix: '0.0.0.0/0' });
  return defaults;
})();

/** An AS with everything at its default. */
export const asDefaults: Readonly<Omit<AsConfig, 'address'>> = (() => {
  const { address: _, ...defaults } = asSchema.parse({ address: '192.0.2.1' });
  return defaults;
})();

/** A health check of any type with everything at its default. */
export const checkDefaults: Readonly<Omit<Check, 'type'>> = (() => {
  const { type: _, ...defaults } = checkSchema.parse({ type: 'tcp' });
  return defaults;
})();

/** The entries of `values` that differ from `defaults`, in the given order, whatever order they came in. */
function without<T extends object>(values: T, defaults: object, order: readonly string[]): Partial<T> {
  const entries = Object.entries(values).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const kept = entries.filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify((defaults as Record<string, unknown>)[key]),
  );
  return Object.fromEntries(kept) as Partial<T>;
}
