import { X509Certificate } from 'node:crypto';
import { type Endpoint, LbClient } from '@lb/control/client';
import { LbError } from '@lb/core';
import type { NewDaemon } from '../shared/daemon-info.js';
import { parseSshDestination } from './ssh-destination.js';

/** What is known beside what was typed. */
export interface DaemonContext {
  /** Names that other daemons have. */
  readonly names: readonly string[];
  /** The daemon that is changed, with its token if that is known. */
  readonly before?: NewDaemon;
  readonly platform?: NodeJS.Platform;
}

export type CheckedDaemon =
  | { readonly ok: true; readonly daemon: NewDaemon }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

export interface FieldProblem {
  /** As the key of what was typed. */
  readonly field: string;
  readonly message: string;
}

/** The address of a Unix socket has room for so many bytes on Linux; macOS has a few less. */
const LONGEST_PATH = 107;
const LONGEST_NAME = 80;

/** A daemon as it was typed, without space around it and with the token that is known already, or all that is wrong with it. */
export function checkDaemon(typed: NewDaemon, context: DaemonContext): CheckedDaemon {
  const daemon = withKnownToken(trimmed(typed), context.before);
  const rules: Readonly<Record<string, string | undefined>> = {
    name: nameProblem(daemon.name, context.names),
    ...ofKind(daemon, context),
  };
  const problems = Object.entries(rules).flatMap(([field, message]) =>
    message === undefined ? [] : [{ field, message }],
  );
  return problems.length === 0 ? { ok: true, daemon } : { ok: false, problems };
}

function trimmed(daemon: NewDaemon): NewDaemon {
  const entries = Object.entries(daemon).map(([key, value]): [string, string] => [key, value.trim()]);
  const isOptional = (key: string): boolean => ['token', 'ca', 'fingerprint'].includes(key);
  return Object.fromEntries(entries.filter(([key, value]) => value !== '' || !isOptional(key))) as NewDaemon;
}

/** A token that is known goes to the address that it was given for, and to no other. */
function withKnownToken(daemon: NewDaemon, before: NewDaemon | undefined): NewDaemon {
  if (daemon.kind !== 'tcp' || daemon.token !== undefined || before?.kind !== 'tcp') return daemon;
  return before.token === undefined || before.url !== daemon.url ? daemon : { ...daemon, token: before.token };
}

function ofKind(daemon: NewDaemon, context: DaemonContext): Readonly<Record<string, string | undefined>> {
  const { before, platform = process.platform } = context;
  if (daemon.kind === 'unix') return { socketPath: localPathProblem(daemon.socketPath, platform) };
  if (daemon.kind === 'ssh') {
    return {
      destination: destinationProblem(daemon.destination, platform),
      socketPath: pathProblem(daemon.socketPath),
    };
  }
  const { url, token, ca, fingerprint } = daemon;
  return {
    url: url === '' ? 'a daemon needs an address, as in https://lb1.example.net:8443' : problemOf({ url, token: '-' }),
    token: token === undefined ? missingToken(before) : problemOf({ url: 'http://localhost', token }),
    ca: ca === undefined ? undefined : caProblem(ca, daemon),
    fingerprint: fingerprint === undefined ? undefined : fingerprintProblem(fingerprint, url),
  };
}

function nameProblem(name: string, others: readonly string[]): string | undefined {
  if (name === '') return 'a daemon needs a name';
  if (name.length > LONGEST_NAME)
    return `a name has ${LONGEST_NAME} characters at most, and this one has ${name.length}`;
  return others.includes(name) ? `there is a daemon of the name '${name}' already` : undefined;
}

function localPathProblem(path: string, platform: NodeJS.Platform): string | undefined {
  if (platform !== 'win32') return pathProblem(path);
  return /^\\\\[.?]\\pipe\\./.test(path) ? undefined : 'must be the name of a pipe, as in \\\\.\\pipe\\lb';
}

function pathProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (!path.startsWith('/')) return `must be a path from the root on, as in /run/lb.sock${gotText(path)}`;
  // The dollar sign begins words that ssh fills in.
  if (/[\p{Cc}$]/u.test(path)) return 'must not have control characters or dollar signs';
  return bytes > LONGEST_PATH
    ? `a socket's path has ${LONGEST_PATH} bytes at most, and this one has ${bytes}`
    : undefined;
}

function destinationProblem(text: string, platform: NodeJS.Platform): string | undefined {
  if (platform === 'win32') return 'forwarding a socket by SSH is not possible on Windows: use TCP with a token';
  if (parseSshDestination(text) !== undefined) return undefined;
  return `must be a host, with a user before it and a port behind it if need be, as in root@lb1.example.net:22${gotText(text)}`;
}

function gotText(text: string): string {
  return text === '' ? '' : `, got '${text}'`;
}

function missingToken(before: NewDaemon | undefined): string {
  if (before?.kind !== 'tcp') return 'a daemon needs a token: lb token create makes one';
  if (before.token === undefined) return 'the token was not kept: it is needed again';
  return 'the token is for another address: it is needed again';
}

function caProblem(ca: string, { url, fingerprint }: { url: string; fingerprint?: string }): string | undefined {
  if (fingerprint !== undefined) return 'with a fingerprint no authority is looked at: leave one of the two empty';
  if (isPlain(url)) return 'an address with http has no certificate';
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'must be certificates in PEM form: -----BEGIN CERTIFICATE-----, and so on';
  try {
    for (const block of blocks) new X509Certificate(block);
    return undefined;
  } catch (error) {
    return `has a certificate that cannot be read: ${(error as Error).message}`;
  }
}

function fingerprintProblem(fingerprint: string, url: string): string | undefined {
  if (isPlain(url)) return 'an address with http has no certificate';
  return problemOf({ url: 'https://localhost', token: '-', fingerprint });
}

function isPlain(url: string): boolean {
  return /^http:/i.test(url);
}

/** What the client says about an endpoint of which all but one part is known to be right. */
function problemOf(endpoint: Endpoint): string | undefined {
  try {
    new LbClient(endpoint).close();
    return undefined;
  } catch (error) {
    if (!(error instanceof LbError)) throw error;
    return error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
  }
}
