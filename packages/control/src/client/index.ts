export { type Buckets, decodeBuckets } from '../api/contract/buckets.js';
export type { AsSample, CountersSample, VipSample } from '../api/contract/counters.js';
export type { LbEvent, LbEventType } from '../api/contract/events.js';
export type { AgeClass, FlowBuckets } from '../api/contract/flow-buckets.js';
export {
  type Explanation,
  type FlowLookup,
  type FlowPage,
  type FlowView,
  TCP_STATES,
  type TcpState,
} from '../api/contract/flows.js';
export type { HealthView } from '../api/contract/health.js';
export type { AsPatch, SettingsPatch, VipPatch } from '../api/contract/patch.js';
export type { ApiPlan, Diff } from '../api/contract/plan.js';
export type { ApiProblem } from '../api/contract/problem.js';
export type { ApiRevisionMeta, Changed, ExecAnswer } from '../api/contract/revisions.js';
export type { RouteAnswer, RouteCall } from '../api/contract/route.js';
export type { RouteName, Routes } from '../api/contract/routes.js';
export type { Status, WorkerView } from '../api/contract/status.js';
export type { CaptureBody, Trace, TraceBody, TracedPacket } from '../api/contract/taps.js';
export type { NewToken, Role, TokenView } from '../api/contract/tokens.js';
export type { Endpoint, UnixEndpoint, UrlEndpoint } from './endpoint.js';
export { CLIENT_ERRORS, type ClientErrorCode, RefusedError } from './errors.js';
export type { StreamItem } from './follow.js';
export type { Capture } from './incoming-capture.js';
export {
  type CallOptions,
  type ChangeOptions,
  type ClientOptions,
  type JsonRoute,
  LbClient,
  type StreamOptions,
} from './lb-client.js';
