import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { clientError } from './errors.js';

/** Where a daemon is. */
export type Endpoint = UnixEndpoint | UrlEndpoint;

export interface UnixEndpoint {
  readonly socketPath: string;
  /** Whom changes are noted under; by default the user of the daemon. */
  readonly author?: string;
}

export interface UrlEndpoint {
  /** `https://lb1.example.net:8443`; http is for loopback. */
  readonly url: string;
  readonly token: string;
  /** Certificate in PEM form that the daemon's is signed by, or is itself. */
  readonly ca?: string;
  /** SHA-256 of the daemon's certificate, in hex with or without colons: nothing else is looked at then. */
  readonly fingerprint?: string;
}

/** How requests get there. */
export interface Way {
  readonly secure: boolean;
  /** Options of node:http's request. */
  readonly target: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  readonly agent: HttpAgent;
  readonly headers: Readonly<Record<string, string>>;
  /** For messages. */
  readonly name: string;
}

/** @throws LbError LB_CLIENT_ENDPOINT */
export function wayTo(endpoint: Endpoint): Way {
  if ('socketPath' in endpoint) {
    const { socketPath, author } = endpoint;
    return {
      secure: false,
      target: { socketPath },
      agent: new HttpAgent({ keepAlive: true }),
      headers: author === undefined ? {} : { 'x-lb-author': author },
      name: socketPath,
    };
  }
  const { protocol, hostname, port } = readUrl(endpoint);
  const secure = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    secure,
    target: { host, port: port === '' ? (secure ? 443 : 80) : Number(port) },
    agent: secure ? secureAgent(endpoint) : new HttpAgent({ keepAlive: true }),
    headers: { authorization: `Bearer ${endpoint.token}` },
    name: `${protocol}//${hostname}${port === '' ? '' : `:${port}`}`,
  };
}

function readUrl({ url, token }: UrlEndpoint): URL {
  const hint = 'as in https://lb1.example.net:8443';
  let read: URL;
  try {
    read = new URL(url);
  } catch {
    throw clientError('LB_CLIENT_ENDPOINT', `'${url}' is not a URL`, hint);
  }
  if (read.protocol !== 'https:' && read.protocol !== 'http:') {
    throw clientError('LB_CLIENT_ENDPOINT', `'${url}' is neither https nor http`, hint);
  }
  if (read.protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(read.hostname)) {
    throw clientError('LB_CLIENT_ENDPOINT', `'${url}' would send the token over the network without TLS`, hint);
  }
  if (!/^[\x21-\x7e]+$/.test(token)) throw clientError('LB_CLIENT_ENDPOINT', 'the token is not one: it is lbt_…');
  return read;
}

function secureAgent({ ca, fingerprint }: UrlEndpoint): HttpsAgent {
  if (fingerprint === undefined) return new HttpsAgent({ keepAlive: true, ...(ca !== undefined && { ca }) });
  return pinnedAgent(readFingerprint(fingerprint));
}

function readFingerprint(text: string): string {
  const digits = text
    .replace(/^sha256[:/]/i, '')
    .replace(/:/g, '')
    .toUpperCase();
  if (/^[0-9A-F]{64}$/.test(digits)) return digits;
  throw clientError('LB_CLIENT_ENDPOINT', 'the fingerprint must be the SHA-256 of a certificate: 64 hex digits');
}

type Connected = (error: Error | null, socket?: TLSSocket) => void;

/** Connections are handed out when the certificate has been seen to be the right one: no token goes to any other. */
function pinnedAgent(fingerprint: string): HttpsAgent {
  const agent = new HttpsAgent({ keepAlive: true });
  const createConnection = (options: { host: string; port: number }, connected: Connected): undefined => {
    const { host, port } = options;
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    const fail = (error: Error): void => connected(error);
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.off('error', fail);
      const found = socket.getPeerCertificate().fingerprint256?.replace(/:/g, '');
      if (found === fingerprint) {
        connected(null, socket);
        return;
      }
      socket.destroy();
      const message = `the certificate of ${host} is another one than expected: its SHA-256 is ${found}`;
      connected(clientError('LB_CLIENT_TLS', message));
    });
    return undefined;
  };
  // The types leave out that a connection may be handed over later.
  return Object.assign(agent, { createConnection }) as unknown as HttpsAgent;
}
