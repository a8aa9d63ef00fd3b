/** What the flow tables of running workers hold: one flow, pages of flows, flows by bucket. */
export {
  AGE_BOUNDS_SEC,
  type FlowEntries,
  type FlowEntry,
  type FlowFilter,
  type FlowPageQuery,
  type SlotNames,
  type TcpState,
  type VipFlows,
} from './flow-entry.js';
export type { FlowTuple } from './flow-probe.js';
export { FlowReader } from './flow-reader.js';
