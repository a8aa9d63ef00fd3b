import {
  type Changes,
  type Config,
  ConfigError,
  effectiveTimeouts,
  emptyConfig,
  FIELDS,
  type Field,
  formatConf,
  type NatKind,
  parseConfig,
} from '@lb/control';
import { errorsOf, type FormErrors, type FormValues, formText, modelValue } from '../vips/form-value.js';

/** A setting of the whole configuration that command lines can change. */
type ConfName = Exclude<keyof Config, 'vips' | 'interfaces' | 'listeners' | 'natInterfaces'>;

export interface SettingField {
  readonly name: ConfName | NatKind;
  readonly label: string;
  /** What it accepts, for the control. */
  readonly field: Field;
  /** What it means that nothing is given. */
  emptyText?(values: FormValues): string;
}

export interface SettingGroup {
  readonly title: string;
  /** What is to be known before something is changed. */
  readonly note?: string;
  readonly fields: readonly SettingField[];
}

function of(name: ConfName, label: string, emptyText?: SettingField['emptyText']): SettingField {
  return { name, label, field: FIELDS[name], ...(emptyText !== undefined && { emptyText }) };
}

/** Names of interfaces with spaces between. */
function interfaces(name: NatKind, label: string): SettingField {
  return { name, label, field: { ...FIELDS.interface, accepts: 'names of interfaces, with spaces between' } };
}

/** The time that a field has while it is empty, as far as the others make sense. */
function seconds(name: keyof ReturnType<typeof effectiveTimeouts>, field: ConfName): SettingField['emptyText'] {
  return (values) => {
    const { config } = parsed({ ...values, [field]: '' }, emptyConfig());
    return config === undefined ? '' : String(effectiveTimeouts(config)[name]);
  };
}

export const SETTING_GROUPS: readonly SettingGroup[] = [
  {
    title: 'How long a flow lives without packets',
    note: 'A flow that lives now goes by a changed time from its next packet on.',
    fields: [
      of('timeout', 'All flows', () => String(emptyConfig().timeout)),
      of('tcpTimeout', 'TCP flows', seconds('tcpSec', 'tcpTimeout')),
      of('tcpOpeningTimeout', 'TCP, opening', seconds('tcpOpeningSec', 'tcpOpeningTimeout')),
      of('tcpClosingTimeout', 'TCP, closing', seconds('tcpClosingSec', 'tcpClosingTimeout')),
      of('udpTimeout', 'UDP flows', seconds('udpSec', 'udpTimeout')),
      of('otherTimeout', 'Other protocols', seconds('otherSec', 'otherTimeout')),
    ],
  },
  {
    title: 'Outer sources of GRE, and node addresses',
    fields: [
      of('ip4SrcAddress', 'IPv4 address'),
      of('ip6SrcAddress', 'IPv6 address'),
      of('ip4SrcRange', 'IPv4 range, one for each flow'),
      of('ip6SrcRange', 'IPv6 range, one for each flow'),
    ],
  },
  {
    title: 'Where the answers of NAT servers arrive',
    fields: [interfaces('nat4', 'Interfaces of IPv4'), interfaces('nat6', 'Interfaces of IPv6')],
  },
  {
    title: 'Tables',
    note: 'Another number of lines counts from the next start of the daemon on.',
    fields: [
      of('buckets', 'Lines of a flow table', () => String(emptyConfig().buckets)),
      of('flowHash', 'Hash of flows'),
      of('table', 'Filling of new-flow tables'),
    ],
  },
];

const ALL_FIELDS = SETTING_GROUPS.flatMap(({ fields }) => fields);

const isNat = (name: SettingField['name']): name is NatKind => name === 'nat4' || name === 'nat6';

/** The form of a configuration's settings. What it has none of is empty, and what is empty is at its default. */
export function settingValues(config: Config): FormValues {
  return Object.fromEntries(
    ALL_FIELDS.map(({ name }) => [name, isNat(name) ? config.natInterfaces[name].join(' ') : formText(config[name])]),
  );
}

export type SettingsResult =
  | { readonly config: Config; readonly errors?: never }
  | { readonly config?: never; readonly errors: FormErrors };

/** The configuration with the settings of a form, by the rules of the whole. */
export function checkSettings(config: Config, values: FormValues): SettingsResult {
  const { config: made, error } = parsed(values, config);
  if (made !== undefined) return { config: made };
  return { errors: errorsOf(error.problems, ({ path = '' }) => settingOf(path)) };
}

function parsed(
  values: FormValues,
  { vips, interfaces: served, listeners }: Config,
): { readonly config: Config; readonly error?: never } | { readonly config?: never; readonly error: ConfigError } {
  const settings: Record<string, unknown> = {};
  const natInterfaces: Record<string, readonly string[]> = {};
  for (const { name, field } of ALL_FIELDS) {
    const text = values[name] ?? '';
    if (isNat(name)) natInterfaces[name] = text.split(/\s+/).filter(Boolean);
    else settings[name] = modelValue(field, text);
  }
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  try {
    return {
      config: parseConfig({ ...Object.fromEntries(given), natInterfaces, interfaces: served, listeners, vips }).config,
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { error };
  }
}

/** The field of a problem's place: `natInterfaces.nat4[0]` → `nat4`. */
function settingOf(path: string): string | undefined {
  const name = /^natInterfaces\.(nat[46])\b/.exec(path)?.[1] ?? path;
  return ALL_FIELDS.some((field) => field.name === name) ? name : undefined;
}

/** The command lines that lead from the settings of one configuration to those of another. */
export function settingLines(before: Config, after: Config): readonly string[] {
  const change: Record<string, unknown> = {};
  const nats: string[] = [];
  for (const { name } of ALL_FIELDS) {
    if (!isNat(name)) {
      if (before[name] !== after[name]) change[name] = after[name] ?? null;
      continue;
    }
    const [was, is] = [before.natInterfaces[name], after.natInterfaces[name]];
    const line = (end: string) => (one: string) => `lb set interface ${name} in ${one}${end}`;
    nats.push(...was.filter((one) => !is.includes(one)).map(line(' del')));
    nats.push(...is.filter((one) => !was.includes(one)).map(line('')));
  }
  const conf = Object.keys(change).length === 0 ? [] : [formatConf(change as Changes<Pick<Config, ConfName>>)];
  return [...conf, ...nats];
}
