/** What callers may ask of the API, so that none can starve the others or the daemon. */
export interface ApiLimits {
  readonly bodyBytes: number;
  /** Requests a second: on the Unix socket, of a token, and of a peer without a token that is known. */
  readonly unixPerSecond: number;
  readonly tokenPerSecond: number;
  readonly peerPerSecond: number;
  /** Of each listener. */
  readonly connections: number;
  readonly streams: number;
  /** From the first byte of a request until its headers, and all of it, must be there. */
  readonly headersMs: number;
  readonly requestMs: number;
}

export const API_LIMITS: ApiLimits = {
  bodyBytes: 4 * 1024 * 1024,
  unixPerSecond: 5000,
  tokenPerSecond: 100,
  peerPerSecond: 20,
  connections: 256,
  streams: 32,
  headersMs: 10_000,
  requestMs: 60_000,
};
