import { Readable } from 'node:stream';
import type { Balancer } from './balancer.js';
import type { Call, Handlers } from './call.js';
import { MISSED_TRAILER } from './contract/tap-routes.js';
import { CounterSampler } from './counter-sampler.js';
import { apiError, RequestError } from './errors.js';
import { EventStream } from './event-stream.js';
import { captureQuery, traceQuery } from './tap-query.js';
import type { TokenStore } from './token-store.js';

const USUAL_INTERVAL_MS = 1000;

interface OpenStream {
  readonly token: string | undefined;
  /** Ends it from this side, in good order. */
  readonly finish: () => void;
}

/** What goes on after its request: streams of events, captures and traces. So many at most, and none of a token that is void. */
export class Streams {
  private readonly open = new Set<OpenStream>();
  private readonly samplers = new WeakMap<Balancer, CounterSampler>();

  constructor(
    private readonly limit: number,
    tokens: TokenStore,
  ) {
    tokens.on('gone', (name) => {
      for (const { token, finish } of this.open) if (token === name) finish();
    });
  }

  get count(): number {
    return this.open.size;
  }

  readonly handlers: Handlers<'stream' | 'capture' | 'trace'> = {
    stream: ({ query }, call) => {
      this.checkRoom();
      const { balancer, request, reply } = call;
      const after = query.after ?? readLastEventId(request.headers['last-event-id']);
      const stream = new EventStream(balancer, this.samplerOf(balancer), {
        intervalMs: query.interval ?? USUAL_INTERVAL_MS,
        counters: query.counters !== 'false',
        events: query.events !== 'false',
        ...(after !== undefined && { after }),
      });
      const remove = this.add(call, () => stream.finish());
      stream.once('close', remove);
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('text/event-stream');
      return stream;
    },
    capture: ({ body }, call) => {
      this.checkRoom();
      const { balancer, reply } = call;
      const { signal, finish } = endOf(call);
      const capture = balancer.capture(captureQuery(body, balancer), signal);
      // Read no faster than the client does: what finds no room then is counted as missed.
      const stream = Readable.from(capture, { objectMode: false });
      const remove = this.add(call, finish);
      stream.once('close', () => {
        remove();
        finish();
      });
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('application/octet-stream');
      reply.trailer(MISSED_TRAILER, (_reply, _payload, done) => done(null, String(capture.missed)));
      return stream;
    },
    trace: async ({ body }, call) => {
      this.checkRoom();
      const { balancer } = call;
      const { signal, finish } = endOf(call);
      const remove = this.add(call, finish);
      try {
        return await balancer.trace(traceQuery(body, balancer), signal);
      } finally {
        remove();
      }
    },
  };

  closeAll(): void {
    for (const { finish } of this.open) finish();
  }

  private checkRoom(): void {
    if (this.open.size < this.limit) return;
    throw apiError('LB_API_STREAMS', `${this.limit} streams are open, which is all there may be`);
  }

  /** @returns what takes it out again */
  private add({ caller }: Call, finish: () => void): () => void {
    const opened: OpenStream = { token: caller.token, finish };
    this.open.add(opened);
    return () => this.open.delete(opened);
  }

  private samplerOf(balancer: Balancer): CounterSampler {
    const known = this.samplers.get(balancer);
    if (known !== undefined) return known;
    const made = new CounterSampler(balancer);
    this.samplers.set(balancer, made);
    return made;
  }
}

/** The end of what a client waits for: when it is finished from this side, or the client has left. */
function endOf({ reply }: Call): { readonly signal: AbortSignal; readonly finish: () => void } {
  const end = new AbortController();
  const finish = (): void => end.abort();
  if (reply.raw.destroyed) finish();
  else reply.raw.once('close', finish);
  return { signal: end.signal, finish };
}

function readLastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  const problem = { code: 'LB_API_REQUEST', message: 'last-event-id must be the id of an event', path: 'headers' };
  throw new RequestError([problem]);
}
