export { type Applied, applyCommands, type Effect } from './apply.js';
export { type AsChange, changeAs } from './as-change.js';
export { CHECK_FIELDS } from './check-fields.js';
export { parseBytes, parseStatus, type StatusRange } from './check-texts.js';
export {
  type EffectiveAs,
  effectiveAss,
  effectiveVip,
  type Health,
  type HealthOf,
  nextChangeAt,
  rampWeight,
  settledAss,
  settledVip,
} from './effective/index.js';
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
export { acceptsText, type Field } from './field.js';
export { FIELDS } from './fields.js';
export type { Command, Source } from './grammar/command.js';
export { type Changes, formatAss, formatCommands, formatConf, formatSetVip } from './grammar/format.js';
export { parseCommands } from './grammar/parse.js';
export { didYouMean, nearest } from './nearest.js';
export {
  type AsPlan,
  type BucketMove,
  diffConfigs,
  type FlowCount,
  type FlowsOf,
  PLAN_WARNINGS,
  type Plan,
  type PlanChange,
  type Planned,
  type PlanWarningCode,
  plan,
  planText,
  type VipPlan,
} from './plan/index.js';
export { resolveConfig } from './resolve.js';
export { warnNextStart } from './rules-next-start.js';
export {
  type AsConfig,
  asSchema,
  type Check,
  type Config,
  type ConfigInput,
  checkSchema,
  configSchema,
  type Encap,
  emptyConfig,
  type InterfaceConfig,
  type ListenerConfig,
  type NatKind,
  type Protocol,
  type Ramp,
  type VipConfig,
  vipSchema,
} from './schema.js';
export { showLb, showVips } from './show.js';
export { expectedImbalance } from './table-size.js';
export { type Column, tableLines } from './text-table.js';
export { effectiveTimeouts } from './timeouts.js';
export { type Accepted, parseConfig } from './validate.js';
export {
  type AsStats,
  type AsView,
  type LbView,
  type LiveAss,
  OVERHEAD_BYTES,
  type VipCounters,
  type VipStats,
  type VipView,
  viewLb,
  viewVips,
} from './view.js';
export { asId, describeVip, parseVipId, type VipRef, vipId, vipKey, vipRefOf } from './vip-ref.js';
export { formatYamlConfig, parseYamlConfig } from './yaml.js';
