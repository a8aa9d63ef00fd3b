export { type Applied, applyCommands, type Effect } from './apply.js';
export {
  CONFIG_ERRORS,
  CONFIG_WARNINGS,
  type ConfigCode,
  ConfigError,
  type ConfigErrorCode,
  type ConfigWarningCode,
  errorText,
  type Problem,
  problemText,
} from './errors.js';
export type { Command, Source } from './grammar/command.js';
export { formatAss, formatCommands } from './grammar/format.js';
export { parseCommands } from './grammar/parse.js';
export { didYouMean, nearest } from './nearest.js';
export { resolveConfig } from './resolve.js';
export {
  type AsConfig,
  type Config,
  type ConfigInput,
  configSchema,
  type Encap,
  emptyConfig,
  type NatKind,
  type Protocol,
  type VipConfig,
} from './schema.js';
export { showLb, showVips } from './show.js';
export { expectedImbalance } from './table-size.js';
export { type Column, tableLines } from './text-table.js';
export { type Accepted, parseConfig } from './validate.js';
export {
  type AsStats,
  type AsView,
  type LbView,
  OVERHEAD_BYTES,
  type VipCounters,
  type VipStats,
  type VipView,
  viewLb,
  viewVips,
} from './view.js';
export { describeVip, type VipRef, vipKey } from './vip-ref.js';
export { formatYamlConfig, parseYamlConfig } from './yaml.js';
