import type { Balancer } from './balancer.js';
import type { Handlers } from './call.js';
import { CounterSampler } from './counter-sampler.js';
import { apiError, RequestError } from './errors.js';
import { EventStream } from './event-stream.js';
import type { TokenStore } from './token-store.js';

const USUAL_INTERVAL_MS = 1000;

/** The open event streams: so many at most, and none of a token that is void. */
export class Streams {
  private readonly open = new Map<EventStream, string | undefined>();
  private readonly samplers = new WeakMap<Balancer, CounterSampler>();

  constructor(
    private readonly limit: number,
    tokens: TokenStore,
  ) {
    tokens.on('gone', (name) => {
      for (const [stream, token] of this.open) if (token === name) stream.finish();
    });
  }

  get count(): number {
    return this.open.size;
  }

  readonly handlers: Handlers<'stream'> = {
    stream: ({ query }, { balancer, caller, request, reply }) => {
      if (this.open.size >= this.limit) {
        throw apiError('LB_API_STREAMS', `${this.limit} streams are open, which is all there may be`);
      }
      const after = query.after ?? readLastEventId(request.headers['last-event-id']);
      const stream = new EventStream(balancer, this.samplerOf(balancer), {
        intervalMs: query.interval ?? USUAL_INTERVAL_MS,
        counters: query.counters !== 'false',
        events: query.events !== 'false',
        ...(after !== undefined && { after }),
      });
      this.open.set(stream, caller.token);
      stream.once('close', () => this.open.delete(stream));
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('text/event-stream');
      return stream;
    },
  };

  closeAll(): void {
    for (const stream of this.open.keys()) stream.finish();
  }

  private samplerOf(balancer: Balancer): CounterSampler {
    const known = this.samplers.get(balancer);
    if (known !== undefined) return known;
    const made = new CounterSampler(balancer);
    this.samplers.set(balancer, made);
    return made;
  }
}

function readLastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  const problem = { code: 'LB_API_REQUEST', message: 'last-event-id must be the id of an event', path: 'headers' };
  throw new RequestError([problem]);
}
