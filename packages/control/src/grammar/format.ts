import { type CheckInput, compactCheck, compactConfig } from '../compact.js';
import type { AsConfig, Config, NatKind } from '../schema.js';
import type { VipRef } from '../vip-ref.js';
import type { ConfSettings, VipSettings } from './command.js';
import { fieldOfWord } from './options.js';
import {
  CHECK_WORDS,
  CONF_WORDS,
  type FlagWord,
  REF_WORDS,
  SETTING_WORDS,
  VALUE_WORDS,
  type ValueWord,
  VIP_WORDS,
} from './words.js';

/**
 * Command lines that make the configuration out of the empty one. What the grammar has no words for is not in them:
 * interfaces, listeners, and the times of ramps and drains, which commands give relative to now.
 */
export function formatCommands(config: Config): string[] {
  const compact = compactConfig(config);
  const conf = wordsOf(compact, CONF_WORDS);
  const nats: NatKind[] = ['nat4', 'nat6'];
  return [
    ...(conf.length > 0 ? [`lb conf ${conf.join(' ')}`] : []),
    ...nats.flatMap((nat) => config.natInterfaces[nat].map((name) => `lb set interface ${nat} in ${name}`)),
    ...(compact.vips ?? []).map((vip) =>
      ['lb vip', vip.prefix, ...wordsOf(vip, VIP_WORDS), ...checkWords(vip.check)].join(' '),
    ),
    ...config.vips.flatMap((vip) => formatAss(vip, vip.ass)),
  ];
}

/** Settings to change in place; null brings one back to its default. */
export type Changes<T> = { readonly [K in keyof T]?: T[K] | null };

/** The `lb conf` line that changes these settings. */
export function formatConf(change: Changes<ConfSettings>): string {
  return ['lb conf', ...changeWords(change, CONF_WORDS)].join(' ');
}

/** The `lb set vip` line that changes these settings of a VIP. */
export function formatSetVip(vip: VipRef, { check, ...change }: Changes<VipSettings>): string {
  const checked = check === null ? ['no check'] : checkWords(check && compactCheck(check));
  const name = ['lb set vip', vip.prefix, ...wordsOf(vip, REF_WORDS)];
  return [...name, ...changeWords(change, SETTING_WORDS), ...checked].join(' ');
}

/** Words that set what has a value, and take back what is null or, as a flag, false. */
function changeWords(change: object, allowed: readonly (ValueWord | FlagWord)[]): string[] {
  const values = change as Readonly<Record<string, unknown>>;
  return allowed.flatMap((word) => {
    const value = values[fieldOfWord(word)];
    if (value === undefined) return [];
    if (value === null || value === false) return [`no ${word}`];
    return value === true ? [word] : [word, String(value)];
  });
}

/** `lb as` lines; neighbours in the list with the same weight and state share one, so that the order is kept. */
export function formatAss(vip: VipRef, ass: readonly AsConfig[]): string[] {
  const runs: { settings: string; addresses: string[] }[] = [];
  for (const as of ass) {
    const settings = settingWords(as);
    const last = runs.at(-1);
    if (last?.settings === settings) last.addresses.push(as.address);
    else runs.push({ settings, addresses: [as.address] });
  }
  const name = ['lb as', vip.prefix, ...wordsOf(vip, REF_WORDS)].join(' ');
  return runs.map(({ settings, addresses }) => `${name} ${addresses.join(' ')}${settings}`);
}

const WORD_OF_STATE = { enabled: '', draining: ' drain', disabled: ' disable' } as const;

function settingWords({ weight, state }: AsConfig): string {
  return `${weight === 100 ? '' : ` weight ${weight}`}${WORD_OF_STATE[state]}`;
}

function checkWords(check: CheckInput | undefined): string[] {
  if (check === undefined) return [];
  const settings = Object.entries(CHECK_WORDS).flatMap(([word, key]) => {
    const value = check[key];
    // A space would end the word, and # begin a comment.
    const text = String(value).replace(/[ #]/g, (char) => (char === ' ' ? '\\x20' : '\\x23'));
    return value === undefined ? [] : [word, text];
  });
  return ['check', check.type, ...settings];
}

/** The words among `allowed` for the fields that `values` has. */
function wordsOf(values: object, allowed: readonly string[]): string[] {
  return allowed.flatMap((word) => {
    if (word === 'src_ip_sticky') return 'srcIpSticky' in values ? [word] : [];
    const field: string | undefined = VALUE_WORDS[word as keyof typeof VALUE_WORDS];
    const value = field === undefined ? undefined : (values as Record<string, unknown>)[field];
    return value === undefined ? [] : [word, String(value)];
  });
}
