import { type Config, type VipConfig, vipId } from '@lb/control';
import type { LbClient, TraceBody } from '@lb/control/client';
import { formatPrefix, parsePrefix } from '@lb/core';
import type { Command } from 'commander';
import { cliError } from '../errors.js';
import { choice, orList, wholeNumber } from '../options.js';
import { vipNamed } from './find-ass.js';

/** Which packets are wanted, as the options say it: those for which all of it holds. */
export interface TapOptions {
  readonly vip?: string;
  readonly as?: string;
  readonly client?: string;
  readonly port?: number;
  readonly protocol?: NonNullable<TraceBody['protocol']>;
  readonly verdict?: NonNullable<TraceBody['verdict']>;
  readonly reason?: string;
  readonly sample?: number;
  readonly snap?: number;
}

/** Adds the options that say which packets are wanted. */
export function addTapOptions(command: Command): Command {
  return command
    .option('--vip <vip>', 'only packets of this VIP, as in 90.0.0.0/8 or 90.1.2.1/32,tcp,80')
    .option('--as <address>', 'only packets to this application server')
    .option('--client <prefix>', 'only packets from or to an address in this prefix')
    .addOption(wholeNumber('--port <n>', 'only packets from or to this port', 0, 65535))
    .addOption(choice('--protocol <name>', 'only packets of this protocol', ['tcp', 'udp', 'icmp', 'icmp6']))
    .addOption(
      choice('--verdict <word>', 'only packets that end this way', ['forward', 'reply', 'punt', 'drop', 'hold']),
    )
    .option('--reason <name>', 'only packets dropped, or left to the kernel, for this reason')
    .addOption(wholeNumber('--sample <n>', 'of all these, one in so many of each worker', 1, 1_000_000_000))
    .addOption(wholeNumber('--snap <bytes>', 'how much to keep of each packet (default: 2048)', 64, 2048));
}

/**
 * What the daemon is asked for by these options.
 * @throws LbError LB_CLI_VIP, LB_PREFIX_INVALID; ConfigError
 */
export async function tapFilter(lb: LbClient, options: TapOptions): Promise<TraceBody> {
  const { vip, as, client, port, protocol, verdict, reason, sample, snap } = options;
  return {
    ...(vip !== undefined && { vip: vipId(readVip((await lb.config()).config, vip)) }),
    ...(as !== undefined && { as }),
    ...(client !== undefined && { client }),
    ...(port !== undefined && { port }),
    ...(protocol !== undefined && { protocol }),
    ...(verdict !== undefined && { verdict }),
    ...(reason !== undefined && { reason }),
    ...(sample !== undefined && { sample }),
    ...(snap !== undefined && { snapBytes: snap }),
  };
}

/** Unlike elsewhere, --port and --protocol are about packets, so they do not tell VIPs of one prefix apart. */
function readVip(config: Config, vip: string): VipConfig {
  if (vip.includes(',')) return vipNamed(config, { vip });
  const prefix = formatPrefix(parsePrefix(vip));
  const several = config.vips.filter((other) => other.prefix === prefix);
  if (several.length < 2) return vipNamed(config, { vip });
  throw cliError('LB_CLI_VIP', `${prefix} has ${several.length} VIPs`, `name one: ${orList(several.map(vipId))}`);
}
