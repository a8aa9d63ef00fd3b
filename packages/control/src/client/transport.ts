import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { LbError } from '@lb/core';
import type { Way } from './endpoint.js';
import { clientError } from './errors.js';

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** An answer whose body is still to come. */
export type Incoming = IncomingMessage;

/** Much more than the daemon ever sends at once. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** Sends a request; resolves with the head of the answer. @throws LbError LB_CLIENT_* */
export function send(way: Way, outgoing: Outgoing): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body, timeoutMs, signal } = outgoing;
    const make = way.secure ? httpsRequest : httpRequest;
    const request: ClientRequest = make({
      ...way.target,
      method,
      path,
      agent: way.agent,
      headers: {
        ...way.headers,
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(signal && { signal }),
    });
    const timer = setTimeout(() => request.destroy(timeoutError(way, timeoutMs)), timeoutMs);
    request.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(transportError(way, error));
    });
    request.once('response', (incoming) => {
      clearTimeout(timer);
      resolve(incoming);
    });
    request.end(body);
  });
}

/** The body of an answer. @throws LbError LB_CLIENT_* */
export function readAll(way: Way, incoming: Incoming, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => incoming.destroy(timeoutError(way, timeoutMs)), timeoutMs);
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) incoming.destroy(clientError('LB_CLIENT_ANSWER', 'the answer does not end'));
      else chunks.push(chunk);
    });
    incoming.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(transportError(way, error));
    });
    incoming.once('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
  });
}

/** The body of an answer as it comes. @throws LbError LB_CLIENT_* */
export async function* chunksOf(way: Way, incoming: Incoming): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of incoming) yield chunk as Uint8Array;
  } catch (error) {
    throw transportError(way, error as NodeJS.ErrnoException);
  }
}

function timeoutError({ name }: Way, timeoutMs: number): LbError {
  return clientError('LB_CLIENT_TIMEOUT', `the daemon on ${name} gave no answer within ${timeoutMs / 1000} s`);
}

const HINT = 'start it with lb serve, or say where its socket is with --socket';
const TLS_CODES = /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|EPROTO)/;

function transportError({ name }: Way, error: NodeJS.ErrnoException): LbError {
  if (error instanceof LbError) return error;
  const { code = '', message } = error;
  if (code === 'ENOENT') return clientError('LB_CLIENT_NOT_THERE', `no daemon runs: there is no socket ${name}`, HINT);
  if (code === 'ECONNREFUSED') {
    return clientError('LB_CLIENT_NOT_THERE', `no daemon runs: nobody listens on ${name}`, HINT);
  }
  if (code === 'EACCES') return clientError('LB_CLIENT_NOT_THERE', `${name} is another user's`, 'use sudo');
  if (code.startsWith('HPE_')) return clientError('LB_CLIENT_ANSWER', `what answers on ${name} is not this daemon`);
  if (TLS_CODES.test(code)) {
    const hint = 'give the certificate it is signed by, or its fingerprint';
    return clientError('LB_CLIENT_TLS', `the certificate of ${name} is not trusted: ${message}`, hint);
  }
  return clientError('LB_CLIENT_NOT_THERE', `the daemon on ${name} does not answer: ${message}`);
}
