import type * as z from 'zod';
import { type Buckets, decodeBuckets } from '../api/contract/buckets.js';
import type { CountersSample } from '../api/contract/counters.js';
import type { LbEvent } from '../api/contract/events.js';
import { decodeFlowBuckets, type FlowBuckets } from '../api/contract/flow-buckets.js';
import type { FlowPage } from '../api/contract/flows.js';
import type { ApiPlan } from '../api/contract/plan.js';
import type { Changed, ExecAnswer } from '../api/contract/revisions.js';
import type { Route, RouteAnswer, RouteCall } from '../api/contract/route.js';
import { ROUTES, type RouteName, type Routes } from '../api/contract/routes.js';
import type { Status } from '../api/contract/status.js';
import type { CaptureBody, Trace, TraceBody } from '../api/contract/taps.js';
import type { Config, ConfigInput } from '../schema.js';
import { type VipRef, vipId } from '../vip-ref.js';
import { type Endpoint, type Way, wayTo } from './endpoint.js';
import { clientError, errorOfAnswer } from './errors.js';
import { follow, type StreamItem } from './follow.js';
import { type Capture, IncomingCapture } from './incoming-capture.js';
import { type Incoming, readAll, send } from './transport.js';

export interface ClientOptions {
  /** Longest wait for the head of an answer, and for its body; a large change takes much less. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Longest wait for the head of this answer, and for its body. */
  readonly timeoutMs?: number;
}

export interface StreamOptions {
  /** Milliseconds between counters; absent: no counters. */
  readonly interval?: number;
  readonly events?: boolean;
  /** Begin with the events later than this id. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

/** Options of a change. */
export interface ChangeOptions {
  readonly note?: string;
  readonly ifMatch?: number;
}

interface AnyCall {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly ifMatch?: number;
}

/** Routes whose answers are JSON. */
export type JsonRoute = { [N in RouteName]: Routes[N]['response'] extends z.ZodType ? N : never }[RouteName];

const TIMEOUT_MS = 60_000;

/**
 * A daemon, for programs. Refusals are ConfigError (with all problems, their places and hints) or another LbError; what
 * keeps the daemon from answering is LbError LB_CLIENT_*.
 */
export class LbClient {
  private readonly way: Way;
  private readonly timeoutMs: number;

  /** Connects when something is asked. @throws LbError LB_CLIENT_ENDPOINT */
  constructor(endpoint: Endpoint, { timeoutMs = TIMEOUT_MS }: ClientOptions = {}) {
    this.way = wayTo(endpoint);
    this.timeoutMs = timeoutMs;
  }

  /** Carries out an operation of the API by its name. */
  async call<N extends JsonRoute>(
    name: N,
    call: RouteCall<Routes[N]>,
    options: CallOptions = {},
  ): Promise<RouteAnswer<Routes[N]>> {
    return (await this.json(name, call as AnyCall, options)).value as RouteAnswer<Routes[N]>;
  }

  status(): Promise<Status> {
    return this.call('getStatus', {});
  }

  counters(): Promise<CountersSample> {
    return this.call('getCounters', {}) as Promise<CountersSample>;
  }

  /** The current configuration and the number of its revision. */
  async config(): Promise<{ readonly config: Config; readonly revision: number }> {
    const { value, etag } = await this.json('getConfig', {}, {});
    return { config: value as Config, revision: Number(/^"(\d+)"$/.exec(etag ?? '')?.[1]) };
  }

  /** Replace the whole configuration, unless it is no longer at revision `ifMatch`. */
  putConfig(config: ConfigInput, ifMatch: number, note?: string): Promise<Changed> {
    return this.call('putConfig', { body: config, ifMatch, ...(note !== undefined && { query: { note } }) });
  }

  /** Carry out command lines, all or none. */
  exec(lines: readonly string[], { note, ifMatch }: ChangeOptions = {}): Promise<ExecAnswer> {
    const body = { lines: [...lines], ...(note !== undefined && { note }) };
    return this.call('exec', { body, ...(ifMatch !== undefined && { ifMatch }) });
  }

  plan(what: { config: ConfigInput } | { lines: string[] } | { revision: number }): Promise<ApiPlan> {
    return this.call('plan', { body: what }) as Promise<ApiPlan>;
  }

  /** The new-flow table of a VIP as workers have it. */
  async buckets(vip: VipRef, options: CallOptions = {}): Promise<Buckets> {
    const incoming = await this.open('buckets', { params: { vip: vipId(vip) } }, options);
    return this.decoded(decodeBuckets, await readAll(this.way, incoming, this.timeoutMs));
  }

  /** Established flows of a VIP by bucket and by age. */
  async flowBuckets(vip: VipRef, options: CallOptions = {}): Promise<FlowBuckets> {
    const incoming = await this.open('flowBuckets', { params: { vip: vipId(vip) } }, options);
    return this.decoded(decodeFlowBuckets, await readAll(this.way, incoming, this.timeoutMs));
  }

  /** What becomes of the next packets: as many as there are until enough have come, or time is up. */
  trace(what: TraceBody = {}, options: CallOptions = {}): Promise<Trace> {
    const timeoutMs = this.timeoutMs + (what.seconds ?? 0) * 1000;
    return this.call('trace', { body: what }, { timeoutMs, ...options });
  }

  /** Packets as received and as sent, from the time at which this returns. Ends with `signal`, too. */
  async capture(what: CaptureBody = {}, { signal }: Pick<CallOptions, 'signal'> = {}): Promise<Capture> {
    const incoming = await this.open('capture', { body: what }, signal === undefined ? {} : { signal });
    return new IncomingCapture(this.way, incoming, signal);
  }

  /** Established flows, page after page. */
  async *flows(
    filter: { readonly vip?: VipRef; readonly as?: string; readonly client?: string; readonly limit?: number } = {},
  ): AsyncGenerator<FlowPage['flows'][number], void, undefined> {
    const { vip, limit, ...others } = filter;
    let cursor: string | undefined;
    do {
      const query = {
        ...others,
        ...(vip && { vip: vipId(vip) }),
        ...(limit !== undefined && { limit: String(limit) }),
        ...(cursor !== undefined && { cursor }),
      };
      const page = (await this.call('listFlows', { query })) as FlowPage;
      yield* page.flows;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** Events later than an id, oldest first; without one the latest. */
  async events(after?: number): Promise<readonly LbEvent[]> {
    const query = after === undefined ? {} : { after: String(after) };
    return (await this.call('listEvents', { query })).events as readonly LbEvent[];
  }

  /** Counters and events as they come; a lost connection is made again. Ends with `signal`. */
  stream({ interval, events = true, after, signal }: StreamOptions): AsyncGenerator<StreamItem, void, undefined> {
    const query = {
      counters: String(interval !== undefined),
      events: String(events),
      ...(interval !== undefined && { interval: String(interval) }),
    };
    return follow({
      open: (last, aborted) => {
        const from = last === undefined ? {} : { after: String(last) };
        return this.open('stream', { query: { ...query, ...from } }, { signal: aborted });
      },
      ...(after !== undefined && { after }),
      ...(signal && { signal }),
    });
  }

  /** Metrics in the text format of Prometheus. */
  async metrics(): Promise<string> {
    const incoming = await this.open('metrics', {}, {});
    return (await readAll(this.way, incoming, this.timeoutMs)).toString();
  }

  /** Ends connections that wait for another request. */
  close(): void {
    this.way.agent.destroy();
  }

  private async json(
    name: JsonRoute,
    call: AnyCall,
    options: CallOptions,
  ): Promise<{ value: unknown; etag: string | undefined }> {
    const incoming = await this.open(name, call, options);
    const bytes = await readAll(this.way, incoming, options.timeoutMs ?? this.timeoutMs);
    return { value: this.parse(bytes), etag: incoming.headers.etag };
  }

  /** The head of a good answer. */
  private async open(
    name: RouteName,
    call: AnyCall,
    { signal, timeoutMs = this.timeoutMs }: CallOptions,
  ): Promise<Incoming> {
    const { method, path }: Route = ROUTES[name];
    const incoming = await send(this.way, {
      method,
      path: pathOf(path, call),
      headers: call.ifMatch === undefined ? {} : { 'if-match': `"${call.ifMatch}"` },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      timeoutMs,
      ...(signal && { signal }),
    });
    const { statusCode = 0, headers } = incoming;
    if (statusCode >= 200 && statusCode < 300) return incoming;
    const bytes = await readAll(this.way, incoming, this.timeoutMs);
    throw errorOfAnswer(statusCode, this.parse(bytes), headers['retry-after']);
  }

  private decoded<T>(decode: (bytes: Uint8Array) => T, bytes: Buffer): T {
    try {
      return decode(bytes);
    } catch (error) {
      throw clientError('LB_CLIENT_ANSWER', `the table of buckets cannot be read: ${(error as Error).message}`);
    }
  }

  private parse(bytes: Buffer): unknown {
    try {
      return JSON.parse(bytes.toString());
    } catch {
      throw clientError('LB_CLIENT_ANSWER', `what answers on ${this.way.name} is not this daemon`);
    }
  }
}

function pathOf(path: string, { params = {}, query = {} }: AnyCall): string {
  const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(params[key])));
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
  return text === '' ? filled : `${filled}?${text}`;
}
