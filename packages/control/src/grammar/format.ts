import { type CheckInput, compactConfig } from '../compact.js';
import type { AsConfig, Config, NatKind } from '../schema.js';
import type { VipRef } from '../vip-ref.js';
import { CHECK_WORDS, CONF_WORDS, REF_WORDS, VALUE_WORDS, VIP_WORDS } from './words.js';

/**
 * Command lines that make the configuration out of the empty one. What the grammar has no words for is not in them:
 * flow hash, table, source ranges, MSS clamps, interfaces, listeners, and the times of ramps and drains, which commands
 * give relative to now.
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
