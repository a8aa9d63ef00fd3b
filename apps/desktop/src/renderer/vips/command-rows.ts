import { type AsConfig, type Config, emptyConfig, formatAss, formatCommands, type VipConfig } from '@lb/control';

/** VIPs with their ASs as command lines, to be pasted elsewhere. */
export function vipLines(vips: readonly VipConfig[]): string {
  return joined(formatCommands({ ...emptyConfig(), vips: [...vips] }));
}

/** ASs of a VIP as command lines. */
export function asLines(vip: VipConfig, ass: readonly AsConfig[]): string {
  return joined(formatAss(vip, ass));
}

/** The whole configuration as command lines. */
export function configLines(config: Config): string {
  return joined(formatCommands(config));
}

function joined(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
