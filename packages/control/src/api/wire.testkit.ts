import { execFileSync } from 'node:child_process';
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: { error?: { code: string } } & Record<string, unknown>;
}

/** A request over a real socket, with a connection of its own. */
export function wire(options: RequestOptions & { ca?: string; secure?: boolean }, body?: unknown): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { ...(text && { 'content-type': 'application/json' }), ...(options.headers as object) };
    const make = options.secure ? httpsRequest : httpRequest;
    const outgoing = make({ ...options, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const answered = Buffer.concat(chunks).toString();
        const isJson = `${incoming.headers['content-type']}`.includes('json');
        const json = isJson ? (JSON.parse(answered) as WireAnswer['json']) : {};
        resolve({ status: incoming.statusCode!, headers: incoming.headers, text: answered, json });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(text);
  });
}

/** What comes back for bytes, until the other end closes. */
export function raw(where: { path: string } | { port: number }, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect('path' in where ? { path: where.path } : { port: where.port, host: '127.0.0.1' });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    // A peer that ends while bytes are on their way resets the connection.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.end(bytes);
  });
}

/** A self-signed certificate for 127.0.0.1. */
export function makeCertificate(folder: string, name = 'server'): { cert: string; key: string } {
  const cert = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=lb', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...words, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}
