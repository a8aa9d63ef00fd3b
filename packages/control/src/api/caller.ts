import type { IncomingMessage } from 'node:http';
import { userInfo } from 'node:os';
import type { Role } from './contract/tokens.js';
import { apiError } from './errors.js';
import type { TokenStore } from './token-store.js';

/** The kind of listener a request came in by. */
export type Via = 'unix' | 'tcp';

/** Who sent a request. */
export interface Caller {
  readonly role: Role;
  /** Whom changes are noted under. */
  readonly author: string;
  readonly via: Via;
  /** Name of the token; none on the Unix socket. */
  readonly token?: string;
}

/** Which listener a request came in by. One that is not known here is trusted no more than one over TCP. */
const viaOf = new WeakMap<IncomingMessage, Via>();

export function setVia(request: IncomingMessage, via: Via): void {
  viaOf.set(request, via);
}

/**
 * Who sent a request, or undefined if it has no token that is known. Who may open the Unix socket is this user or root,
 * and may do everything.
 * @throws LbError LB_API_REQUEST for an x-lb-author that is no name
 */
export function callerOf(request: IncomingMessage, tokens: TokenStore): Caller | undefined {
  if (viaOf.get(request) === 'unix') return { role: 'admin', author: unixAuthor(request), via: 'unix' };
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const holder = token === undefined ? undefined : tokens.verify(token);
  return holder && { role: holder.role, author: holder.name, via: 'tcp', token: holder.name };
}

/** The name that a program of this user gives, as the CLI does with that of the person; else that of the daemon's user. */
function unixAuthor({ headers }: IncomingMessage): string {
  const given = headers['x-lb-author'];
  if (given === undefined) return `unix:${userName()}`;
  if (typeof given === 'string' && /^[\w.:@+-]{1,64}$/.test(given)) return given;
  throw apiError('LB_API_REQUEST', 'x-lb-author must be 1 to 64 letters, digits and . : @ + - _');
}

/** A user without an entry in the system's list, as in a container, is told by number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `${process.getuid?.() ?? 'unknown'}`;
  }
}
