import { type Config, describeVip, didYouMean, type VipConfig } from '@lb/control';
import { formatPrefix, type Prefix, parsePrefix, prefixContains } from '@lb/core';
import { cliError } from '../errors.js';

export interface VipWords {
  readonly prefix: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly port?: number;
}

/** More than this is not read in an error message. */
const VIPS_LISTED = 8;

/**
 * The VIP that the words mean: its prefix, and port and protocol as far as they are needed to tell it from others.
 * @throws LbError LB_CLI_VIP for none or several, with those there are; LB_PREFIX_INVALID
 */
export function findVip(config: Config, words: VipWords): VipConfig {
  const prefix = parsePrefix(words.prefix);
  const text = formatPrefix(prefix);
  const ofPrefix = config.vips.filter((vip) => vip.prefix === text);
  const found = ofPrefix.filter((vip) => serves(vip, words));
  const [vip] = found;
  if (vip !== undefined && found.length === 1) return vip;
  if (vip !== undefined) {
    throw cliError(
      'LB_CLI_VIP',
      `${text} has ${found.length} VIPs: ${listed(found)}`,
      'say which with --port and --protocol',
    );
  }
  const wanted = describeVip({
    prefix: text,
    ...(words.port && { port: words.port }),
    ...(words.protocol && { protocol: words.protocol }),
  });
  if (config.vips.length === 0) throw cliError('LB_CLI_VIP', `there is no VIP ${wanted}: the configuration has none`);
  if (ofPrefix.length > 0) throw cliError('LB_CLI_VIP', `there is no VIP ${wanted}, only ${listed(ofPrefix)}`);
  throw cliError(
    'LB_CLI_VIP',
    `there is no VIP ${wanted}; there are ${listed(config.vips)}`,
    hint(config, prefix, text),
  );
}

function serves(vip: VipConfig, { protocol, port }: VipWords): boolean {
  if (port !== undefined && vip.port !== port) return false;
  return protocol === undefined || vip.port === undefined || vip.protocol === undefined || vip.protocol === protocol;
}

function listed(vips: readonly VipConfig[]): string {
  const names = vips.slice(0, VIPS_LISTED).map(describeVip);
  const more = vips.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

function hint(config: Config, prefix: Prefix, text: string): string | undefined {
  const around = config.vips
    .map((vip) => parsePrefix(vip.prefix))
    .filter((outer) => outer.length < prefix.length && prefixContains(outer, prefix.address))
    .sort((a, b) => b.length - a.length);
  if (around[0] !== undefined) return `${text} lies inside ${formatPrefix(around[0])}`;
  return didYouMean(
    text,
    config.vips.map((vip) => vip.prefix),
  );
}
