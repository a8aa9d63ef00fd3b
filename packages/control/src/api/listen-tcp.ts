import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { isIP } from 'node:net';
import { apiError } from './errors.js';

/** A TCP address to serve the API on: `127.0.0.1:8080`, `[::1]:8080`, `:8443` for all. */
export interface ListenAddress {
  /** Empty for all addresses of this machine. */
  readonly host: string;
  readonly port: number;
}

/** @throws LbError LB_API_LISTEN */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const family = bracketed === undefined ? 4 : 6;
  const named = host === 'localhost' && bracketed === undefined;
  if (port === undefined || Number(port) > 65_535 || (host !== '' && !named && isIP(host) !== family)) {
    throw apiError('LB_API_LISTEN', `'${text}' is not an address to listen on`, 'as in 127.0.0.1:8080 or [::1]:8080');
  }
  return { host, port: Number(port) };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** Certificate and key in PEM form. @throws LbError LB_API_TLS */
export function readTls({ cert, key }: { readonly cert: string; readonly key: string }): { cert: Buffer; key: Buffer } {
  return { cert: readPem(cert), key: readPem(key) };
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw apiError('LB_API_TLS', `cannot read ${file}: ${(error as Error).message}`);
  }
}

const REASONS: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  EADDRINUSE: ['another program has the port', 'stop it, or give another port'],
  EADDRNOTAVAIL: ['this machine has no such address', 'give one of its own'],
  EACCES: ['permission denied', 'ports below 1024 need CAP_NET_BIND_SERVICE'],
};

/** @throws LbError LB_API_LISTEN */
export async function listenOnAddress(server: Server, { host, port }: ListenAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const [why, hint] = REASONS[error.code ?? ''] ?? [error.message];
      reject(apiError('LB_API_LISTEN', `cannot listen on ${host || 'all addresses'} port ${port}: ${why}`, hint));
    };
    server.once('error', fail);
    server.listen({ port, ...(host !== '' && { host }) }, () => {
      server.off('error', fail);
      resolve();
    });
  });
  return (server.address() as { port: number }).port;
}
