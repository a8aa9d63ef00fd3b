import type * as z from 'zod';
import { formatPath } from '../finding.js';
import type { ApiProblem } from './contract/problem.js';
import { RequestError } from './errors.js';

/** Parts that handlers check themselves: headers, and bodies that the model checks. */
export function unchecked(): (value: unknown) => { value: unknown } {
  return (value) => ({ value });
}

/** No document of this product is nested nearly as deep. */
const MAX_DEPTH = 32;

/** @throws RequestError for a body that is nested so deep that walking it might not end well */
export function checkDepth(body: unknown): void {
  if (!isDeeper(body, MAX_DEPTH)) return;
  const message = `body must not be nested deeper than ${MAX_DEPTH} levels`;
  throw new RequestError([{ code: 'LB_API_BODY', message, path: 'body' }]);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Checks a part of requests by its schema. */
export function requestCheck({
  schema,
  httpPart = 'request',
}: {
  readonly schema: unknown;
  readonly httpPart?: string;
}) {
  const part = httpPart === 'querystring' ? 'query' : httpPart;
  return (value: unknown): { value: unknown } | { error: Error } => {
    const checked = (schema as z.ZodType).safeParse(value ?? {});
    if (checked.success) return { value: checked.data };
    const problems = checked.error.issues.flatMap((issue) => problemsOf(part, issue));
    return { error: new RequestError(problems as [ApiProblem, ...ApiProblem[]]) };
  };
}

function problemsOf(part: string, issue: z.core.$ZodIssue): ApiProblem[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, 20).map((key) => problem(formatPath([part, ...path, key]), 'is not a known key'));
  }
  const { message } = issue;
  const says = message.startsWith('must ')
    ? message
    : `is wrong: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  return [problem(formatPath([part, ...path]), says)];
}

function problem(path: string, says: string): ApiProblem {
  return { code: 'LB_API_REQUEST', message: `${path} ${says}`, path };
}
