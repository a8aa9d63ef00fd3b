import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Probe } from './target.js';

/** A connection of TLS. */
export interface Connection {
  readonly tls: TLSSocket;
  /** Ends it at once. */
  readonly reset: () => void;
}

/** What {@link KeptConnections} needs of a request's options. */
export interface KeptRequest {
  readonly probe: Probe;
  readonly connect: () => Connection;
}

interface Kept extends Connection {
  /** From here on there has to be another one, in milliseconds of performance.now. */
  readonly until: number;
}

/**
 * Connections of HTTPS checks between one check and the next, each for the `reuseMs` of its probe from when it was begun:
 * a handshake costs eight times as much as the rest of a check. Only an idle connection is given out.
 */
export class KeptConnections extends Agent {
  readonly #kept = new WeakMap<Duplex, Kept>();

  constructor() {
    super({ keepAlive: true, maxFreeSockets: Number.POSITIVE_INFINITY, maxTotalSockets: Number.POSITIVE_INFINITY });
  }

  /** Options of a request that may go over a connection that is there. */
  static options(request: KeptRequest): object {
    return { ...request };
  }

  /** Equal for what may share connections. */
  override getName(options?: object): string {
    const { address, port, host, tlsVerify } = (options as KeptRequest).probe;
    return JSON.stringify([address, port, host, tlsVerify]);
  }

  override createConnection(options: object): Duplex {
    const { probe, connect } = options as KeptRequest;
    const { tls, reset } = connect();
    this.#kept.set(tls, { tls, reset, until: performance.now() + probe.reuseMs });
    // Set while it is idle only.
    return tls.on('timeout', reset);
  }

  /** Asked by Node.js when an answer has been read to its end. */
  override keepSocketAlive(socket: Duplex): boolean {
    const { tls, reset, until } = this.#kept.get(socket)!;
    const left = until - performance.now();
    if (left <= 0) {
      reset();
      return false;
    }
    tls.setTimeout(Math.ceil(left)).unref();
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    this.#kept.get(socket)!.tls.setTimeout(0);
    super.reuseSocket(socket, request);
  }

  /** Ends a connection at once that a request goes over. */
  reset(socket: Duplex): void {
    this.#kept.get(socket)?.reset();
  }
}
