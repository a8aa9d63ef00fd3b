import { LbError } from '@lb/core';
import type { FastifyError } from 'fastify';
import { ConfigError, type Problem } from '../errors.js';
import type { ApiProblem, ErrorAnswer } from './contract/problem.js';
import { type ApiErrorCode, apiError, RequestError, statusOfCode } from './errors.js';

/** An error as it is answered. */
export interface Refusal {
  readonly status: number;
  readonly problems: readonly [ApiProblem, ...ApiProblem[]];
}

/** What Fastify finds wrong, in this product's codes. */
const OF_FASTIFY: Readonly<Record<string, readonly [ApiErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['LB_API_BODY_SIZE', 'the body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['LB_API_MEDIA_TYPE', 'the content-type must be application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['LB_API_BODY', 'the body is not as long as content-length says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['LB_API_BODY', 'the body is empty although content-type says JSON'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['LB_API_BODY', 'the body is not JSON'],
  FST_ERR_BAD_URL: ['LB_API_REQUEST', 'the path is not well encoded'],
  FST_ERR_MAX_PARAM_LENGTH: ['LB_API_REQUEST', 'a part of the path is too long'],
  FST_ERR_NOT_FOUND: ['LB_API_ROUTE', 'there is nothing at this path'],
};

/** What to answer for anything thrown; what was not foreseen is not told to the caller. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof RequestError) return { status: statusOfCode(error.code), problems: error.problems };
  if (error instanceof ConfigError) {
    const problems = error.problems.map(configProblem) as [ApiProblem, ...ApiProblem[]];
    return { status: statusOfCode(error.code), problems };
  }
  if (error instanceof LbError) return { status: statusOfCode(error.code), problems: [lbProblem(error)] };
  const { code, statusCode = 500 } = error as Partial<FastifyError>;
  const known = OF_FASTIFY[code ?? ''];
  if (known !== undefined) return refusalOf(apiError(...known));
  // Syntax errors and forbidden keys come from the JSON parser with a status and no code.
  if (statusCode === 400) return refusalOf(apiError('LB_API_BODY', 'the body is not JSON that is accepted'));
  const bug = apiError('LB_API_BUG', 'the daemon met an error that it did not expect', 'its log has more');
  return { status: 500, problems: [lbProblem(bug)] };
}

export function errorAnswer({ problems }: Refusal, more: Partial<ErrorAnswer['error']> = {}): ErrorAnswer {
  return { error: { ...problems[0], problems: [...problems], ...more } };
}

function lbProblem({ code, message, hint }: LbError): ApiProblem {
  return { code, message, ...(hint !== undefined && { hint }) };
}

/** A problem of the model as it is answered. */
export function configProblem({ code, message, hint, path, line, column }: Problem): ApiProblem {
  return {
    code,
    message,
    ...(path !== undefined && { path }),
    ...(hint !== undefined && { hint }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}
