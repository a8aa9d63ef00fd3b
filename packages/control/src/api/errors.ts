import { LbError } from '@lb/core';
import type { ApiProblem } from './contract/problem.js';

/** Every code of the API itself, with what it means. Codes are stable. */
export const API_ERRORS = {
  LB_API_REQUEST:
    'A part of the request (path, query, header or body) is not of the form that its description asks for.',
  LB_API_BODY: 'The body is not JSON, or has a key that no document may have.',
  LB_API_BODY_SIZE: 'The body is larger than requests may be.',
  LB_API_MEDIA_TYPE: 'The body is of a type that this request does not take: send JSON.',
  LB_API_HTTP: 'What came is not HTTP, or its headers are too large, or it took too long to come.',
  LB_API_ROUTE: 'There is nothing at this path.',
  LB_API_METHOD: 'The path exists, but not for this method.',
  LB_API_NOT_FOUND: 'What the path names (a VIP, an AS, a revision, a token) does not exist.',
  LB_API_TOKEN: 'The request has no token that is known.',
  LB_API_ROLE: 'The token may read only.',
  LB_API_PLAN_SIZE: 'The tables of a plan are larger than a token that may read only can ask for.',
  LB_API_LOCAL: 'Tokens are managed on the Unix socket only.',
  LB_API_IF_MATCH: 'The request must say with If-Match which revision it is based on.',
  LB_API_RATE: 'Too many requests; the header Retry-After says when to come again.',
  LB_API_STREAMS: 'Too many streams are open.',
  LB_API_TOKEN_EXISTS: 'There is a token of this name already.',
  LB_API_TOKEN_FILE: 'The file with the hashes of the tokens cannot be read or written, or is damaged.',
  LB_API_AUDIT: 'The audit log cannot be written.',
  LB_API_LISTEN: 'The address to listen on cannot be used.',
  LB_API_TLS: 'The API may be served without TLS on loopback only, or its certificate or key cannot be used.',
  LB_API_BUG: 'An error that the daemon did not expect: its log has more under the id of the request.',
} as const;

export type ApiErrorCode = keyof typeof API_ERRORS;

const STATUS: Record<ApiErrorCode, number> = {
  LB_API_REQUEST: 400,
  LB_API_BODY: 400,
  LB_API_BODY_SIZE: 413,
  LB_API_MEDIA_TYPE: 415,
  LB_API_HTTP: 400,
  LB_API_ROUTE: 404,
  LB_API_METHOD: 405,
  LB_API_NOT_FOUND: 404,
  LB_API_TOKEN: 401,
  LB_API_ROLE: 403,
  LB_API_PLAN_SIZE: 403,
  LB_API_LOCAL: 403,
  LB_API_IF_MATCH: 428,
  LB_API_RATE: 429,
  LB_API_STREAMS: 503,
  LB_API_TOKEN_EXISTS: 409,
  LB_API_TOKEN_FILE: 500,
  LB_API_AUDIT: 500,
  LB_API_LISTEN: 500,
  LB_API_TLS: 500,
  LB_API_BUG: 500,
};

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function apiError(code: ApiErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}

/** A request that does not fit its description, with all that is wrong. */
export class RequestError extends LbError {
  constructor(readonly problems: readonly [ApiProblem, ...ApiProblem[]]) {
    super(problems[0].code, problems[0].message, problems[0].hint);
  }
}

/** Statuses of the codes of other rooms that requests can run into, by code or by its beginning; the longest decides. */
const OTHERS: Readonly<Record<string, number>> = {
  LB_CFG_: 422,
  LB_IMAGE_SLOTS: 422,
  LB_STATE_CONFLICT: 412,
  LB_STATE_DISK: 507,
  LB_STATE_CLOSED: 503,
  LB_STATE_NO_REVISION: 404,
  LB_STATE_CONFIG: 422,
  LB_CLI_: 400,
  LB_CLI_BUG: 500,
  LB_DAEMON_REQUEST: 400,
  LB_ADDR_: 400,
  LB_PREFIX_: 400,
  LB_WORKER_CURSOR: 400,
  LB_WORKER_TAP_BUSY: 409,
};

/** The HTTP status of an error of the product; 500 where none is known. */
export function statusOfCode(code: string): number {
  if (Object.hasOwn(STATUS, code)) return STATUS[code as ApiErrorCode];
  const known = Object.keys(OTHERS).filter((start) => code.startsWith(start));
  const longest = known.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? 500 : OTHERS[longest]!;
}
