import {
  type AsConfig,
  acceptsText,
  applyCommands,
  type Config,
  ConfigError,
  FIELDS,
  parseCommands,
  type VipRef,
} from '@lb/control';
import { vipWords } from '../stores/index.js';
import { errorsOf, type FormErrors, type FormValues, modelValue } from './form-value.js';
import { addressesOf } from './vip-form.js';

const WORD_OF_STATE = { enabled: 'enable', draining: 'drain', disabled: 'disable' } as const;

/** The form for ASs that are added. */
export const NEW_ASS: FormValues = { addresses: '', weight: '100', state: 'enabled', over: '', deadline: '' };

/** The form for ASs that exist; what they do not have in common is empty, and then stays as it is. */
export function asValues(ass: readonly AsConfig[]): FormValues {
  const common = <K extends 'weight' | 'state'>(key: K) =>
    ass.every((as) => as[key] === ass[0]?.[key]) ? String(ass[0]?.[key] ?? '') : '';
  return {
    addresses: ass.map(({ address }) => address).join('\n'),
    weight: common('weight'),
    state: common('state'),
    over: '',
    deadline: '',
  };
}

export type AsFormResult =
  | { readonly line: string; readonly errors?: never }
  | { readonly line?: never; readonly errors: FormErrors };

/**
 * The command line that a form stands for, checked on the configuration. What is as it was in `before` is not in it, so
 * that ramps and deadlines go on.
 */
export function checkAsForm(config: Config, vip: VipRef, values: FormValues, before: FormValues | null): AsFormResult {
  const { weight = '', state = '', over = '', deadline = '' } = values;
  const wrong = numberErrors({ weight, over, deadline });
  const addresses = addressesOf(values.addresses ?? '');
  const odd = addresses.find((address) => !isAddress(address));
  if (odd !== undefined) wrong.set('addresses', `must be ${acceptsText(FIELDS.address)}, got '${odd}'`);
  if (addresses.length === 0) wrong.set('addresses', 'At least one address is needed.');
  if (wrong.size > 0) return { errors: wrong };
  const setsWeight = weight !== '' && (weight !== before?.weight || over !== '');
  const setsState = state in WORD_OF_STATE && (state !== before?.state || deadline !== '');
  const words = [
    `lb as ${vipWords(vip)} ${addresses.join(' ')}`,
    ...(setsWeight ? [`weight ${weight.trim()}`] : []),
    ...(over === '' ? [] : [`over ${over.trim()}`]),
    ...(setsState ? [WORD_OF_STATE[state as AsConfig['state']]] : []),
    ...(deadline === '' ? [] : [`deadline ${deadline.trim()}`]),
  ];
  const line = words.join(' ');
  try {
    applyCommands(config, parseCommands(line));
    return { line };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { errors: errorsOf(error.problems, ({ code }) => formFieldOf(code)) };
  }
}

const NUMBERS = { weight: FIELDS.weight, over: FIELDS.rampSeconds, deadline: FIELDS.deadline } as const;

/** Anything else might be another word of the line. */
function isAddress(text: string): boolean {
  try {
    FIELDS.address.canonical(text);
    return true;
  } catch {
    return false;
  }
}

/** Text with more words in it would be other words of the line. */
function numberErrors(values: Readonly<Record<keyof typeof NUMBERS, string>>): Map<string, string> {
  const errors = new Map<string, string>();
  for (const [name, field] of Object.entries(NUMBERS)) {
    const value = modelValue(field, values[name as keyof typeof NUMBERS]);
    if (value === undefined) continue;
    const isRight = Number.isInteger(value) && (value as number) >= field.min && (value as number) <= field.max;
    if (!isRight) errors.set(name, `must be ${acceptsText(field)}, got '${String(value)}'`);
  }
  return errors;
}

function formFieldOf(code: string): string | undefined {
  if (/ADDRESS|_AS_|WORD_TWICE/.test(code) || code === 'LB_CFG_WORD') return 'addresses';
  return code === 'LB_CFG_WORD_NEEDS' ? 'over' : undefined;
}
