import {
  CHECK_FIELDS,
  type Config,
  ConfigError,
  checkSchema,
  emptyConfig,
  FIELDS,
  type Field,
  formatCommands,
  parseConfig,
  type VipConfig,
  vipKey,
  vipRefOf,
} from '@lb/control';
import type { Edit, VipSettingsChange } from '../stores/index.js';
import { errorsOf, type FormErrors, type FormValues, formText, modelValue } from './form-value.js';

/** A field of the form; its rules are those of the schema. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly field: Field;
  /** Of a choice: what it means that none is made. */
  readonly emptyText?: string;
  /** Whether the other values leave room for it. */
  appliesTo(values: FormValues): boolean;
}

const always = () => true;
const isNat = ({ encap }: FormValues) => encap === 'nat4' || encap === 'nat6';
const checks =
  (...types: string[]) =>
  (values: FormValues) =>
    types.includes(values['check.type'] ?? '');
const anyCheck = checks('tcp', 'http', 'https', 'udp', 'icmp');

function of(name: keyof typeof FIELDS, label: string, appliesTo: FormField['appliesTo'] = always): FormField {
  return { name, label, field: FIELDS[name], appliesTo };
}

function ofCheck(name: keyof typeof CHECK_FIELDS, label: string, appliesTo = anyCheck): FormField {
  return { name: `check.${name}`, label, field: CHECK_FIELDS[name], appliesTo };
}

/** What names the VIP; fixed once it exists. */
export const NAME_FIELDS: readonly FormField[] = [
  of('prefix', 'Prefix'),
  of('port', 'Port'),
  { ...of('protocol', 'Protocol', ({ port }) => port !== undefined && port !== ''), emptyText: 'TCP and UDP' },
];

export const SETTING_FIELDS: readonly FormField[] = [
  of('encap', 'Encapsulation'),
  of('newLen', 'Buckets of the table'),
  of('dscp', 'DSCP', ({ encap }) => encap === 'l3dsr'),
  of('targetPort', 'Target port', isNat),
  of('nodePort', 'Node port', isNat),
  of('type', 'Type', isNat),
  of('srcIpSticky', 'All flows of a client to one AS'),
  of('mssClamp', 'Largest TCP segment'),
  of('panic', 'Ignore health below'),
  of('lastAs', 'When no AS takes new flows'),
];

export const CHECK_FORM_FIELDS: readonly FormField[] = [
  { ...ofCheck('type', 'Health check', always), emptyText: 'none' },
  ofCheck('port', 'Port of the check', checks('tcp', 'http', 'https', 'udp')),
  ofCheck('path', 'Path', checks('http', 'https')),
  ofCheck('host', 'Host', checks('http', 'https')),
  ofCheck('status', 'Good answers', checks('http', 'https')),
  ofCheck('tlsVerify', 'Verify the certificate', checks('https')),
  ofCheck('send', 'Send', checks('tcp', 'udp')),
  ofCheck('expect', 'Expect', checks('tcp', 'udp')),
  ofCheck('via', 'Way'),
  ofCheck('interval', 'Interval'),
  ofCheck('timeout', 'Timeout'),
  ofCheck('rise', 'Good results to be healthy'),
  ofCheck('fall', 'Bad results to be failing'),
  ofCheck('jitter', 'Random part of the interval'),
];

const ALL_FIELDS = [...NAME_FIELDS, ...SETTING_FIELDS, ...CHECK_FORM_FIELDS];

/** A check that is added to a VIP has these; they are shown although they need not be written. */
const CHECK_DEFAULTS: FormValues = Object.fromEntries(
  Object.entries(checkSchema.parse({ type: 'tcp' })).flatMap(([key, value]) =>
    key === 'type' ? [] : [[`check.${key}`, String(value)]],
  ),
);

/** The form of a new VIP: what has a default shows it. */
export const NEW_VIP: FormValues = {
  ...CHECK_DEFAULTS,
  encap: 'gre4',
  newLen: '1024',
  type: 'clusterip',
  panic: '25',
  lastAs: 'drop',
  'check.tlsVerify': 'true',
  ass: '',
};

/** The form of a VIP that exists. */
export function vipValues(vip: VipConfig): FormValues {
  const values = ALL_FIELDS.map(({ name }) => [name, formText(at(vip, name))]);
  // Its default is true: absent is not false.
  const defaults = vip.check === undefined ? CHECK_DEFAULTS : {};
  return {
    ...Object.fromEntries(values),
    ...defaults,
    'check.tlsVerify': vip.check?.tlsVerify === false ? '' : 'true',
  };
}

function at(vip: VipConfig, name: string): unknown {
  const [key, inner] = name.split('.') as [keyof VipConfig, string | undefined];
  const value: unknown = vip[key];
  return inner === undefined ? value : (value as Record<string, unknown> | undefined)?.[inner];
}

/** The VIP of a form as a document, which may be wrong. */
export function vipDocument(values: FormValues): Record<string, unknown> {
  const vip: Record<string, unknown> = {};
  const check: Record<string, unknown> = {};
  for (const { name, field, appliesTo } of ALL_FIELDS) {
    if (!appliesTo(values)) continue;
    const value = modelValue(field, values[name] ?? '');
    if (name === 'check.tlsVerify' && value === undefined) check.tlsVerify = false;
    if (value === undefined || (name === 'check.tlsVerify' && value === true)) continue;
    if (name.startsWith('check.')) check[name.slice('check.'.length)] = value;
    else vip[name] = value;
  }
  const ass = addressesOf(values.ass ?? '').map((address) => ({ address }));
  return { prefix: '', ...vip, ...(check.type !== undefined && { check }), ass };
}

/** Addresses between spaces, commas or line breaks. */
export function addressesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

export type VipFormResult =
  | { readonly vip: VipConfig; readonly errors?: never }
  | { readonly vip?: never; readonly errors: FormErrors };

/**
 * Checks a form by the rules of the whole configuration.
 * @param before the VIP that is edited, whose name and ASs stay; undefined for a new one
 */
export function checkVipForm(config: Config, values: FormValues, before: VipConfig | undefined): VipFormResult {
  const document = vipDocument(values);
  const place =
    before === undefined ? config.vips.length : config.vips.findIndex((vip) => vipKey(vip) === vipKey(before));
  const vip = before === undefined ? document : { ...document, ...vipRefOf(before), ass: before.ass };
  const vips: unknown[] = [...config.vips];
  vips[place] = vip;
  try {
    return { vip: parseConfig({ ...config, vips }).config.vips[place]! };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { errors: errorsOf(error.problems, ({ path = '' }) => formFieldOf(path)) };
  }
}

/** The field of a problem's place: `vips[3].check.port` → `check.port`, `vips[3].ass[1].address` → `ass`. */
export function formFieldOf(path: string): string | undefined {
  const name = /^vips\[\d+\]\.(.*)$/.exec(path)?.[1];
  if (name?.startsWith('ass')) return 'ass';
  if (name === 'check') return 'check.type';
  return ALL_FIELDS.some((field) => field.name === name) ? name : undefined;
}

/** The edit that adds a VIP. */
export function addVipEdit(vip: VipConfig): Edit {
  return { kind: 'commands', lines: formatCommands({ ...emptyConfig(), vips: [vip] }) };
}

/** The edit that makes one VIP of another of the same name; undefined if they are the same. */
export function changeVipEdit(before: VipConfig, after: VipConfig): Edit | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const fixed of ['prefix', 'protocol', 'port', 'ass']) names.delete(fixed);
  const changed = [...names].flatMap((name) => {
    const [from, to] = [before, after].map((vip) => (vip as Record<string, unknown>)[name]);
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [[name, to ?? null] as const];
  });
  if (changed.length === 0) return undefined;
  return { kind: 'vips', vips: [vipRefOf(before)], change: Object.fromEntries(changed) as VipSettingsChange };
}
