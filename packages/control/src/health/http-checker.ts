import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { isIP, Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { Checker, RunningCheck } from './checker.js';
import { type Connection, KeptConnections } from './kept-connections.js';
import { type CheckResult, failed, passed, resultOfError } from './result.js';
import { resetSocket, socketOptions } from './sockets.js';
import type { Probe } from './target.js';

export interface HttpCheckerOptions {
  /** Certificates of authorities, PEM, in place of the usual ones. */
  readonly ca?: string | Buffer;
}

/** A body is read up to here, so that a server of a small one sees an orderly end. */
const MOST_BODY_BYTES = 65_536;

/** What checks have in common. */
interface Shared {
  /** Making it takes as long as a handshake. Made when first needed, as it reads the authorities. */
  readonly context: () => SecureContext;
  readonly kept: KeptConnections;
}

/** Passes when the server answers a GET with a status that is accepted. Redirects are answers like any other. */
export function httpChecker({ ca }: HttpCheckerOptions = {}): Checker {
  let context: SecureContext | undefined;
  const shared: Shared = {
    context: () => {
      context ??= createSecureContext(ca === undefined ? {} : { ca });
      return context;
    },
    kept: new KeptConnections(),
  };
  return { start: (probe, done) => new HttpCheck(probe, done, shared) };
}

class HttpCheck implements RunningCheck {
  phase = 'connecting';
  /** Known from the status on, also while the body is still on its way. */
  early: CheckResult | undefined;
  #request: ClientRequest;
  /** The connection, if this check has made it. */
  #socket: Socket | undefined;
  #bodyBytes = 0;
  #isOver = false;

  constructor(
    private readonly probe: Probe,
    private readonly done: (result: CheckResult) => void,
    private readonly shared: Shared,
  ) {
    const { kept } = shared;
    const connect = () => this.#secureConnection();
    this.#request = this.#ask(
      probe.reuseMs > 0 ? { agent: kept, ...KeptConnections.options({ probe, connect }) } : this.#ownConnection(),
    );
    if (this.#socket === undefined) this.phase = 'waiting for the answer';
  }

  #ask(way: RequestOptions): ClientRequest {
    const { probe } = this;
    const headers = { host: hostHeader(probe), 'user-agent': 'lb-health-check', accept: '*/*' };
    const asked = request({ method: 'GET', path: probe.path, headers, ...way });
    asked.on('error', (error) => this.#broken(asked, error));
    asked.on('response', (response) => this.#answered(response));
    asked.end();
    return asked;
  }

  /** With a connection of its own the request needs no agent, and asks the server to close it. */
  #ownConnection(): RequestOptions {
    const stream = this.probe.type === 'https' ? this.#secureConnection().tls : this.#connection();
    return { createConnection: () => stream };
  }

  #connection(): Socket {
    this.phase = 'connecting';
    const socket = new Socket();
    this.#socket = socket;
    socket.on('error', (error) => this.#end(this.early ?? resultOfError(error)));
    socket.on('connect', () => {
      this.phase = this.probe.type === 'https' ? 'in the TLS handshake' : 'waiting for the answer';
    });
    return socket.connect(socketOptions(this.probe));
  }

  #secureConnection(): Connection {
    const { address, host, tlsVerify } = this.probe;
    const socket = this.#connection();
    const tls = connectTls({
      socket,
      // A server name is never an address (RFC 6066 §3).
      servername: host === undefined || isIP(host) !== 0 ? '' : host,
      rejectUnauthorized: tlsVerify,
      checkServerIdentity: (_, certificate) => checkServerIdentity(host ?? address, certificate),
      ALPNProtocols: ['http/1.1'],
      secureContext: this.shared.context(),
    });
    tls.on('secureConnect', () => {
      this.phase = 'waiting for the answer';
    });
    return { tls, reset: () => resetSocket(socket) };
  }

  #broken(asked: ClientRequest, error: Error): void {
    if (this.#isOver || asked !== this.#request) return;
    if (asked.reusedSocket && this.early === undefined) {
      // The server may end an idle connection whenever it likes: that says nothing about it.
      this.#request = this.#ask(this.#ownConnection());
    } else {
      this.#end(this.early ?? resultOfClosing(error, this.phase));
    }
  }

  #answered(response: IncomingMessage): void {
    const { status, statusText } = this.probe;
    const code = response.statusCode ?? 0;
    const isWanted = status.some(({ from, to }) => code >= from && code <= to);
    this.early = isWanted ? passed(`status ${code}`) : failed(`status ${code}, expected ${statusText}`);
    response.on('data', (chunk: Buffer) => {
      this.#bodyBytes += chunk.length;
      if (this.#bodyBytes > MOST_BODY_BYTES) this.#end(this.early!);
    });
    // Before the listener of Node.js, which ends the connection in the usual way or keeps it for the next check.
    response.prependListener('end', () => this.#end(this.early!, this.#isKept));
    response.on('close', () => this.#end(this.early!));
  }

  /** Whether others may go on asking over the connection, once the answer has been read. */
  get #isKept(): boolean {
    return this.probe.reuseMs > 0 && this.#request.shouldKeepAlive;
  }

  #end(result: CheckResult, isKept = false): void {
    if (this.#isOver) return;
    if (isKept) this.#isOver = true;
    else this.stop();
    this.done(result);
  }

  stop(): void {
    this.#isOver = true;
    const { socket } = this.#request;
    this.#request.removeAllListeners().on('error', () => undefined);
    if (this.#socket !== undefined) resetSocket(this.#socket);
    else if (socket !== null) this.shared.kept.reset(socket);
    this.#request.destroy();
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
