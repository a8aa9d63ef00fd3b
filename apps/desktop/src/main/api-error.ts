import { ConfigError } from '@lb/control';
import { type ApiProblem, RefusedError } from '@lb/control/client';
import { LbError } from '@lb/core';
import type { ApiError } from '../shared/contract.js';

/** A refusal, or the lack of an answer, as a value that the renderer can show at its field. @throws any other error */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ConfigError) {
    const [first, ...others] = error.problems.map(problemOf);
    return { ...first!, status: 422, problems: [first!, ...others] };
  }
  if (error instanceof RefusedError) {
    const { status, revision, problems } = error;
    const all = problems.map(problemOf);
    return { ...all[0]!, status, ...(revision !== undefined && { revision }), problems: all };
  }
  if (!(error instanceof LbError)) throw error;
  const { code, message, hint } = error;
  const problem = { code, message, ...(hint !== undefined && { hint }) };
  return { ...problem, problems: [problem] };
}

type Problem = ApiError['problems'][number];

function problemOf({
  code,
  message,
  path,
  hint,
  line,
  column,
}: Partial<ApiProblem> & Pick<Problem, 'code' | 'message'>) {
  const problem: Problem = { code, message };
  if (path !== undefined) problem.path = path;
  if (hint !== undefined) problem.hint = hint;
  if (line !== undefined) problem.line = line;
  if (column !== undefined) problem.column = column;
  return problem;
}
