import type { Problem } from '@lb/control';
import { type VipConfig, vipRefOf } from '@lb/control';
import type { Edit, VipSettingsChange } from '../stores/index.js';
import { errorsOf, type FormErrors, type FormValues } from './form-value.js';
import { formFieldOf, vipDocument, vipValues } from './vip-form.js';

/** The form of several VIPs: what they do not have in common is empty, and then stays as it is. */
export function commonValues(vips: readonly VipConfig[]): FormValues {
  const [first, ...others] = vips.map(vipValues);
  const names = Object.keys(first ?? {});
  const isCommon = (name: string) => others.every((values) => values[name] === first![name]);
  return Object.fromEntries(names.map((name) => [name, isCommon(name) ? first![name]! : '']));
}

/** Names of the settings in which VIPs differ. */
export function mixedNames(vips: readonly VipConfig[]): ReadonlySet<string> {
  const [first, ...others] = vips.map(vipValues);
  return new Set(Object.keys(first ?? {}).filter((name) => others.some((values) => values[name] !== first![name])));
}

/** Settings that have a meaning with some encapsulations only: one that is changed takes or brings them. */
const OF_ENCAP = ['dscp', 'targetPort', 'nodePort', 'type'] as const;

/**
 * The edits that change what was changed in the form of several VIPs, and nothing else; VIPs that change alike share one.
 * Whether the result is right is said by whoever applies them.
 */
export function bulkVipEdits(vips: readonly VipConfig[], before: FormValues, values: FormValues): Edit[] {
  const changed = Object.keys(values).filter((name) => values[name] !== before[name]);
  if (changed.length === 0) return [];
  const typed = Object.fromEntries(changed.map((name) => [name, values[name]!]));
  const touched = new Set(changed.map((name) => name.split('.')[0]!));
  if (touched.has('encap')) for (const name of OF_ENCAP) touched.add(name);
  const alike = new Map<string, { change: VipSettingsChange; vips: VipConfig[] }>();
  for (const vip of vips) {
    const document = vipDocument({ ...vipValues(vip), ...typed });
    const change: Record<string, unknown> = {};
    for (const name of touched) {
      const [from, to] = [(vip as Record<string, unknown>)[name], document[name]];
      if (JSON.stringify(from) !== JSON.stringify(to)) change[name] = to ?? null;
    }
    const key = JSON.stringify(change);
    if (key === '{}') continue;
    const group = alike.get(key) ?? { change: change as VipSettingsChange, vips: [] };
    group.vips.push(vip);
    alike.set(key, group);
  }
  return [...alike.values()].map(({ change, vips: some }) => ({ kind: 'vips', vips: some.map(vipRefOf), change }));
}

/** What is wrong with such edits, by field of the form. */
export function bulkErrors(problems: readonly Problem[]): FormErrors {
  const errors = new Map(errorsOf(problems, ({ path = '' }) => formFieldOf(path)));
  // The form of several has no field for these.
  const ofAss = errors.get('ass');
  if (ofAss !== undefined && !errors.has('')) errors.set('', ofAss);
  return errors;
}
