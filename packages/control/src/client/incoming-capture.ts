import { MISSED_TRAILER } from '../api/contract/tap-routes.js';
import type { Way } from './endpoint.js';
import { chunksOf, type Incoming } from './transport.js';

/** A pcapng file as it comes. */
export interface Capture extends AsyncIterable<Uint8Array> {
  /** Wanted packets that were left out, as they came too fast; undefined until all has come. */
  readonly missed: number | undefined;
}

/** The capture that is the body of an answer. Ends with `signal`, then without all that was to come. */
export class IncomingCapture implements Capture {
  constructor(
    private readonly way: Way,
    private readonly incoming: Incoming,
    private readonly signal: AbortSignal | undefined,
  ) {}

  get missed(): number | undefined {
    const text = this.incoming.trailers[MISSED_TRAILER];
    return text === undefined ? undefined : Number(text);
  }

  /** @throws LbError LB_CLIENT_* when the connection breaks */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* chunksOf(this.way, this.incoming);
    } catch (error) {
      if (this.signal?.aborted !== true) throw error;
    }
  }
}
