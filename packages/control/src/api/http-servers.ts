import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { setVia, type Via } from './caller.js';
import { errorAnswer, refusalOf } from './error-answer.js';
import { apiError } from './errors.js';
import type { ApiLimits } from './limits.js';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

const HEADER_BYTES = 16 * 1024;
const HEADERS = 100;
const KEEP_ALIVE_MS = 30_000;
const TIMEOUT_CHECK_MS = 2000;

/** A server that hands all requests to `listener`, marked with the way they came, within the limits. */
export function makeServer(
  via: Via,
  listener: Listener,
  limits: ApiLimits,
  tls?: { readonly cert: Buffer; readonly key: Buffer },
): Server {
  const options: ServerOptions = {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  const serve: Listener = (request, response) => {
    setVia(request, via);
    listener(request, response);
  };
  const server = tls === undefined ? createServer(options, serve) : secureServer(options, serve, tls);
  server.maxConnections = limits.connections;
  server.maxHeadersCount = HEADERS;
  server.on('clientError', refuse);
  return server;
}

function secureServer(options: ServerOptions, serve: Listener, tls: { cert: Buffer; key: Buffer }): Server {
  try {
    return createTlsServer({ ...options, ...tls, minVersion: 'TLSv1.2' }, serve);
  } catch (error) {
    throw apiError('LB_API_TLS', `the certificate or its key cannot be used: ${(error as Error).message}`);
  }
}

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What is not HTTP, or too slow, is answered before the connection ends. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = STATUS_LINES[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify(errorAnswer(refusalOf(apiError('LB_API_HTTP', `the request is refused: ${status}`))));
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
