import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditLog } from './audit-log.js';
import type { Balancer } from './balancer.js';
import type { Caller } from './caller.js';
import type { AuditEntry } from './contract/audit.js';
import type { Route } from './contract/route.js';
import { isMapping } from './merge-patch.js';

/** A longer body is not noted, only how long it is. */
const DETAIL_CHARACTERS = 4096;

/** Whether an operation is noted: all that change something. */
export function isAudited(name: string, route: Route, body: unknown): boolean {
  if (name === 'exec') return !onlyShows(body);
  return route.role === 'admin' && route.method !== 'GET';
}

function onlyShows(body: unknown): boolean {
  const lines = isMapping(body) && Array.isArray(body.lines) ? body.lines : undefined;
  return lines?.every((line) => typeof line === 'string' && /^\s*(#|show\b|$)/.test(line)) ?? false;
}

/** Notes what became of a request to change something. Resolves when it is on disk. */
export async function noteChange(
  audit: AuditLog,
  balancer: Balancer,
  about: { readonly name: string; readonly caller: Caller; readonly before: number; readonly code: string | undefined },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { name, caller, before, code } = about;
  const note =
    (request.query as { note?: string } | undefined)?.note ?? (request.body as { note?: string } | null)?.note;
  const entry: AuditEntry = {
    at: new Date().toISOString(),
    author: caller.author,
    role: caller.role,
    via: caller.via === 'unix' ? 'unix' : request.ip,
    action: name,
    target: request.url.slice(0, 1000),
    status: reply.statusCode,
    ...(code !== undefined && { code }),
    before,
    after: balancer.revisions.current.number,
    ...(typeof note === 'string' && { note }),
    detail: shortened(request.body),
  };
  await audit.append(entry);
}

function shortened(body: unknown): unknown {
  if (body === undefined || body === null) return null;
  const { length } = JSON.stringify(body);
  return length <= DETAIL_CHARACTERS ? body : `${length} characters`;
}
