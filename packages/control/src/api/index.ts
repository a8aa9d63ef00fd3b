export { Api, type ApiOptions, type ListenerOptions } from './api.js';
export { AuditLog, type AuditLogOptions } from './audit-log.js';
export type {
  ApiRevision,
  Balancer,
  BucketTable,
  CaptureQuery,
  ChangeMeta,
  FlowQuery,
  PacketCapture,
  Revisions,
  TapQuery,
} from './balancer.js';
export type { AuditEntry } from './contract/audit.js';
export { type Buckets, decodeBuckets, encodeBuckets } from './contract/buckets.js';
export type { AsSample, CountersSample, VipSample } from './contract/counters.js';
export type { LbEvent, LbEventType, NewEvent } from './contract/events.js';
export type { AgeClass, FlowBuckets } from './contract/flow-buckets.js';
export type { Explanation, FlowLookup, FlowPage, FlowView } from './contract/flows.js';
export type { HealthView } from './contract/health.js';
export type { ApiPlan, Diff } from './contract/plan.js';
export type { ApiProblem, ErrorAnswer } from './contract/problem.js';
export type { ApiRevisionMeta, Changed, ExecAnswer } from './contract/revisions.js';
export type { Status, WorkerView } from './contract/status.js';
export type { Trace, TracedPacket } from './contract/taps.js';
export type { NewToken, Role, TokenView } from './contract/tokens.js';
export { configProblem } from './error-answer.js';
export { API_ERRORS, type ApiErrorCode } from './errors.js';
export { EventLog } from './event-log.js';
export { API_LIMITS, type ApiLimits } from './limits.js';
export type { ApiLog } from './log.js';
export { type TokenHolder, TokenStore } from './token-store.js';
