export {
  type Address,
  addressEquals,
  addressTo16,
  compareAddresses,
  type Family,
  formatAddress,
  parseAddress,
  rawWord,
} from './address.js';
export { crc32c, crc32cRaw, crc32cRawWord } from './crc32c.js';
export { CORE_ERRORS, type CoreErrorCode, LbError } from './errors.js';
export { DEFAULT_FLOW_HASH_SEED, flowHash4, flowHash6, flowHashColumn4 } from './flow-hash.js';
export {
  alignedWords,
  ENTRIES_PER_LINE,
  FlowTable,
  type FlowTableOptions,
  LINE_WORDS,
  MAX_FLOW_TABLE_LINES,
} from './flow-table.js';
export { LPM_MAX_VALUE, type LpmEntry } from './lpm-entry.js';
export { buildLpm4, lookupLpm4 } from './lpm4.js';
export { buildLpm6, lookupLpm6 } from './lpm6.js';
export { buildMaglevTable } from './maglev-table.js';
export { buildNewFlowTable } from './new-flow-table.js';
export {
  formatPrefix,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixEquals,
  prefixMask,
  prefixOverlaps,
} from './prefix.js';
export { type BucketFlow, diffTables, matchAss, movedBuckets, type NamedTable, type TableDiff } from './table-diff.js';
export { type AsShare, type TableStats, tableStats } from './table-stats.js';
export { vppFlowHash4, vppFlowHash6 } from './vpp-flow-hash.js';
export { buildVppTable } from './vpp-table.js';
export { MAX_NEW_LEN, NO_AS, type WeightedAs } from './weighted-as.js';
export { xxh64, xxh64Words } from './xxh64.js';
