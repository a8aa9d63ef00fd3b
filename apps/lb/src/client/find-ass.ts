import { type AsConfig, type Config, describeVip, didYouMean, parseVipId, type VipConfig, vipKey } from '@lb/control';
import { formatAddress, parseAddress } from '@lb/core';
import { cliError } from '../errors.js';
import { findVip } from '../table/find-vip.js';

/** How a VIP is named on a command line: `90.0.0.0/8` or `90.1.2.1/32,tcp,80`, or with options. */
export interface NamedVip {
  readonly vip: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly port?: number;
}

/** @throws LbError LB_CLI_VIP, LB_PREFIX_INVALID; ConfigError */
export function vipNamed(config: Config, { vip, ...words }: NamedVip): VipConfig {
  if (!vip.includes(',')) return findVip(config, { prefix: vip, ...words });
  const ref = parseVipId(vip);
  const found = config.vips.find((other) => vipKey(other) === vipKey(ref));
  return found ?? findVip(config, ref);
}

/** ASs of a VIP by their addresses, in whatever form. @throws LbError LB_CLI_AS, LB_ADDR_INVALID */
export function assNamed(vip: VipConfig, addresses: readonly string[]): AsConfig[] {
  return addresses.map((text) => {
    const address = formatAddress(parseAddress(text));
    const found = vip.ass.find((as) => as.address === address);
    if (found !== undefined) return found;
    const known = vip.ass.map((as) => as.address);
    const hint = didYouMean(address, known) ?? 'lb show lb vip verbose lists those there are';
    throw cliError('LB_CLI_AS', `VIP ${describeVip(vip)} has no AS ${address}`, hint);
  });
}
