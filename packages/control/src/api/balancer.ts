import type { ReasonName } from '@lb/dataplane';
import type { Plan, PlanChange } from '../plan/index.js';
import type { Config } from '../schema.js';
import type { VipRef } from '../vip-ref.js';
import type { CountersSample } from './contract/counters.js';
import type { FlowBuckets } from './contract/flow-buckets.js';
import type { Explanation, FlowLookup, FlowPage, TcpState } from './contract/flows.js';
import type { HealthView } from './contract/health.js';
import type { ApiRevisionMeta, Changed, ExecAnswer } from './contract/revisions.js';
import type { Status, WorkerView } from './contract/status.js';
import type { CaptureBody, Trace, TraceBody } from './contract/taps.js';
import type { EventLog } from './event-log.js';

/** Who changes something, and on which ground. */
export interface ChangeMeta {
  readonly author: string;
  readonly note?: string;
  /** Refuse the change (LB_STATE_CONFLICT) unless this is the current revision. */
  readonly ifMatch?: number;
}

export interface ApiRevision extends ApiRevisionMeta {
  readonly config: Config;
}

/** The numbered revisions, as DesiredState has them. */
export interface Revisions {
  readonly current: ApiRevision;
  /** Newest first, those below `before`. */
  history(query: { readonly before?: number; readonly limit?: number }): readonly ApiRevisionMeta[];
  /** @throws LbError LB_STATE_NO_REVISION, LB_STATE_DAMAGED, LB_STATE_CONFIG */
  revision(number: number): Promise<ApiRevision>;
}

/** The new-flow table of a VIP as workers have it now. */
export interface BucketTable {
  readonly newLen: number;
  /** Addresses. */
  readonly ass: readonly string[];
  /** Bucket → index into `ass`, −1 for no server. */
  readonly buckets: Int32Array;
}

export interface FlowQuery {
  readonly vip?: VipRef;
  /** Address of an AS. */
  readonly as?: string;
  /** Canonical prefix that holds the client's address. */
  readonly client?: string;
  readonly state?: TcpState;
  readonly limit: number;
  /** Of the page before. */
  readonly cursor?: string;
}

/** Which packets are wanted (all that is given holds for them), and when it ends. */
export interface TapQuery extends Pick<TraceBody, 'port' | 'protocol' | 'verdict' | 'sample' | 'snapBytes'> {
  /** The VIP exists. */
  readonly vip: VipRef | undefined;
  /** Address of the AS. */
  readonly as: string | undefined;
  /** Canonical prefix that holds source or destination. */
  readonly client: string | undefined;
  readonly reason: ReasonName | undefined;
  readonly count: number;
  readonly seconds: number;
}

export interface CaptureQuery extends TapQuery, Required<Pick<CaptureBody, 'side' | 'bytes'>> {}

/** The bytes of a pcapng file, as packets come. */
export interface PacketCapture extends AsyncIterable<Uint8Array> {
  /** Wanted packets that were left out, as they came too fast. */
  readonly missed: number;
}

/**
 * What the API serves. Every method may throw LbError (answered with the status of its code) and must leave everything
 * as it was then. Methods that change something return when the workers use the result.
 */
export interface Balancer {
  readonly revisions: Revisions;
  readonly events: EventLog;
  status(): Status;
  counters(): CountersSample;
  workers(): readonly WorkerView[];
  health(): readonly HealthView[];
  /** @param after not necessarily valid in the light of other revisions: it was validated by itself */
  plan(after: Config): Plan | Promise<Plan>;
  /** What lies between two configurations. */
  diff(before: Config, after: Config): readonly PlanChange[];
  /**
   * One transaction.
   * @param make from the current configuration a valid one; what it throws refuses the change
   */
  change(make: (current: Config) => Config, meta: ChangeMeta): Promise<Changed>;
  /** Command lines, all or none. Lines that only show something make no revision. */
  exec(lines: readonly string[], meta: ChangeMeta): Promise<ExecAnswer>;
  /** Have the established flows of a VIP, or of one AS of it, balanced anew. The VIP and the AS exist. */
  flush(vip: VipRef, address: string | undefined, meta: ChangeMeta): Promise<void>;
  /** The VIP exists. */
  buckets(vip: VipRef): BucketTable;
  flows(query: FlowQuery): FlowPage | Promise<FlowPage>;
  /** @param flow as in `198.51.100.1:1234 > 90.1.2.1:80/tcp` */
  flow(flow: string): FlowLookup | Promise<FlowLookup>;
  /** @param flow as in `198.51.100.1:1234 > 90.1.2.1:80/tcp` */
  explain(flow: string): Explanation | Promise<Explanation>;
  /** @param frame Ethernet frame without frame check sequence */
  explainPacket(frame: Uint8Array): Explanation | Promise<Explanation>;
  /** Established flows of a VIP. The VIP exists. */
  flowBuckets(vip: VipRef): Promise<FlowBuckets>;
  /** What becomes of the next packets; as many as there were until `signal` if that comes first. */
  trace(query: TapQuery, signal: AbortSignal): Promise<Trace>;
  /** What becomes of packets from now on. Ends with `signal`, too, also when nobody reads. */
  capture(query: CaptureQuery, signal: AbortSignal): PacketCapture;
  /** End a worker's thread, to show that another takes over. */
  killWorker(worker: number): void;
}
