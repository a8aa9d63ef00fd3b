import { LbError } from '@lb/core';
import type { ApiProblem, ErrorAnswer } from '../api/contract/problem.js';
import { ConfigError, type Problem } from '../errors.js';

/** Every code of the client itself, with what it means. Codes are stable. */
export const CLIENT_ERRORS = {
  LB_CLIENT_ENDPOINT: 'The address of the daemon, or what is given with it, cannot be used.',
  LB_CLIENT_NOT_THERE: 'No daemon answers there.',
  LB_CLIENT_TLS: 'The certificate of the daemon is not one that is trusted.',
  LB_CLIENT_TIMEOUT: 'The daemon took too long to answer.',
  LB_CLIENT_ANSWER: 'What answers there does not speak the protocol of this program.',
} as const;

export type ClientErrorCode = keyof typeof CLIENT_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function clientError(code: ClientErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}

/** A request that the daemon refused for another reason than the configuration it would lead to. */
export class RefusedError extends LbError {
  constructor(
    readonly status: number,
    readonly problems: readonly [ApiProblem, ...ApiProblem[]],
    /** With status 412 the current revision. */
    readonly revision: number | undefined,
    /** With status 429, seconds to wait. */
    readonly retryAfterSec: number | undefined,
  ) {
    super(problems[0].code, problems[0].message, problems[0].hint);
  }

  get path(): string | undefined {
    return this.problems[0].path;
  }
}

/** The error that an answer with a status from 400 stands for: a ConfigError where the model has found it. */
export function errorOfAnswer(status: number, body: unknown, retryAfter: string | undefined): LbError {
  const { error } = (body ?? {}) as Partial<ErrorAnswer>;
  if (typeof error?.code !== 'string' || typeof error.message !== 'string') {
    return clientError('LB_CLIENT_ANSWER', `the answer has status ${status} and is not of this daemon`);
  }
  const { problems: all, revision, requestId: _, ...first } = error;
  const problems = (all?.length ? all : [first]) as [ApiProblem, ...ApiProblem[]];
  if (problems[0].code.startsWith('LB_CFG_')) return new ConfigError(problems as unknown as [Problem, ...Problem[]]);
  const seconds = retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
  return new RefusedError(status, problems, revision, seconds);
}
