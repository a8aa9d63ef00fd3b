import { compactConfig } from '../compact.js';
import type { AsConfig, Config, NatKind } from '../schema.js';
import type { VipRef } from '../vip-ref.js';
import { CONF_WORDS, REF_WORDS, VALUE_WORDS, VIP_WORDS } from './words.js';

/**
 * Command lines that make the configuration out of the empty one. Flow hash and table, which the grammar has no words
 * for, are not in them.
 */
export function formatCommands(config: Config): string[] {
  const compact = compactConfig(config);
  const conf = wordsOf(compact, CONF_WORDS);
  const nats: NatKind[] = ['nat4', 'nat6'];
  return [
    ...(conf.length > 0 ? [`lb conf ${conf.join(' ')}`] : []),
    ...nats.flatMap((nat) => config.natInterfaces[nat].map((name) => `lb set interface ${nat} in ${name}`)),
    ...(compact.vips ?? []).map((vip) => ['lb vip', vip.prefix, ...wordsOf(vip, VIP_WORDS)].join(' ')),
    ...config.vips.flatMap((vip) => formatAss(vip, vip.ass)),
  ];
}

/** `lb as` lines; neighbours in the list with the same weight share one, so that the order is kept. */
export function formatAss(vip: VipRef, ass: readonly AsConfig[]): string[] {
  const runs: { weight: number; addresses: string[] }[] = [];
  for (const { address, weight } of ass) {
    const last = runs.at(-1);
    if (last?.weight === weight) last.addresses.push(address);
    else runs.push({ weight, addresses: [address] });
  }
  const name = ['lb as', vip.prefix, ...wordsOf(vip, REF_WORDS)];
  return runs.map(({ weight, addresses }) =>
    [...name, ...addresses, ...(weight === 100 ? [] : ['weight', weight])].join(' '),
  );
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
