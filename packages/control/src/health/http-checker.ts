import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { isIP, Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { Checker, RunningCheck } from './checker.js';
import { type CheckResult, failed, passed, resultOfError } from './result.js';
import { resetSocket, socketOptions } from './sockets.js';
import type { Probe } from './target.js';

export interface HttpCheckerOptions {
  /** Certificates of authorities, PEM, in place of the usual ones. */
  readonly ca?: string | Buffer;
}

/** A body is read up to here, so that a server of a small one sees an orderly end. */
const MOST_BODY_BYTES = 65_536;

/** Passes when the server answers a GET with a status that is accepted. Redirects are answers like any other. */
export function httpChecker({ ca }: HttpCheckerOptions = {}): Checker {
  // One for all: making it takes as long as a handshake. Made when first needed, as it reads the authorities.
  let context: SecureContext | undefined;
  const tls = () => {
    context ??= createSecureContext(ca === undefined ? {} : { ca });
    return context;
  };
  return { start: (probe, done) => new HttpCheck(probe, done, tls) };
}

class HttpCheck implements RunningCheck {
  phase = 'connecting';
  /** Known from the status on, also while the body is still on its way. */
  early: CheckResult | undefined;
  readonly #request: ClientRequest;
  readonly #socket = new Socket();
  readonly #done: (result: CheckResult) => void;
  #bodyBytes = 0;
  #isOver = false;

  constructor(probe: Probe, done: (result: CheckResult) => void, tls: () => SecureContext) {
    this.#done = done;
    this.#socket.on('error', (error) => this.#end(this.early ?? resultOfError(error)));
    this.#socket.on('connect', () => {
      this.phase = probe.type === 'https' ? 'in the TLS handshake' : 'waiting for the answer';
    });
    this.#socket.connect(socketOptions(probe));
    const stream = probe.type === 'https' ? this.#secure(probe, tls()) : this.#socket;
    this.#request = request({
      // With a connection of its own the request needs no agent, and asks the server to close it.
      createConnection: () => stream,
      method: 'GET',
      path: probe.path,
      headers: { host: hostHeader(probe), 'user-agent': 'lb-health-check', accept: '*/*' },
    });
    this.#request.on('error', (error) => this.#end(this.early ?? resultOfClosing(error, this.phase)));
    this.#request.on('response', (response) => this.#answered(response, probe));
    this.#request.end();
  }

  #secure({ address, host, tlsVerify }: Probe, secureContext: SecureContext): TLSSocket {
    const stream = connectTls({
      socket: this.#socket,
      // A server name is never an address (RFC 6066 §3).
      servername: host === undefined || isIP(host) !== 0 ? '' : host,
      rejectUnauthorized: tlsVerify,
      checkServerIdentity: (_, certificate) => checkServerIdentity(host ?? address, certificate),
      ALPNProtocols: ['http/1.1'],
      secureContext,
    });
    return stream.on('secureConnect', () => {
      this.phase = 'waiting for the answer';
    });
  }

  #answered(response: IncomingMessage, { status, statusText }: Probe): void {
    const code = response.statusCode ?? 0;
    const isWanted = status.some(({ from, to }) => code >= from && code <= to);
    this.early = isWanted ? passed(`status ${code}`) : failed(`status ${code}, expected ${statusText}`);
    response.on('data', (chunk: Buffer) => {
      this.#bodyBytes += chunk.length;
      if (this.#bodyBytes > MOST_BODY_BYTES) this.#end(this.early!);
    });
    // Before the listener of Node.js, which would end the connection in the usual way.
    response.prependListener('end', () => this.#end(this.early!));
    response.on('close', () => this.#end(this.early!));
  }

  #end(result: CheckResult): void {
    if (this.#isOver) return;
    this.stop();
    this.#done(result);
  }

  stop(): void {
    this.#isOver = true;
    this.#request.removeAllListeners().on('error', () => undefined);
    resetSocket(this.#socket);
  }
}

/** Node.js has one code, ECONNRESET, for connections that the server resets and for those it closes early. */
function resultOfClosing(error: Error, phase: string): CheckResult {
  if ((error as NodeJS.ErrnoException).syscall !== undefined) return resultOfError(error);
  const isClosed = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
  return isClosed ? failed(`connection closed, ${phase}`) : resultOfError(error);
}

/** RFC 9110 §7.2: an IPv6 address in brackets, the port unless it is the usual one. */
function hostHeader({ type, host, address, port }: Probe): string {
  const name = host ?? address;
  const bracketed = name.includes(':') ? `[${name}]` : name;
  return port === (type === 'https' ? 443 : 80) ? bracketed : `${bracketed}:${port}`;
}
