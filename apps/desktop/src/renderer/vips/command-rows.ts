import { type Config, emptyConfig, formatCommands, type VipConfig } from '@lb/control';

/** VIPs with their ASs as command lines, to be pasted elsewhere. */
export function vipLines(vips: readonly VipConfig[]): string {
  return joined(formatCommands({ ...emptyConfig(), vips: [...vips] }));
}

/** The whole configuration as command lines. */
export function configLines(config: Config): string {
  return joined(formatCommands(config));
}

function joined(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
