import type { ChangeMeta } from './balancer.js';
import { apiError } from './errors.js';

/** The ETag of a revision. */
export function entityTag(revision: number): string {
  return `"${revision}"`;
}

/**
 * The revision that If-Match names: the ETag of an earlier answer. `*` stands for any.
 * @throws LbError LB_API_IF_MATCH when it is required and missing, LB_API_REQUEST when it is no revision
 */
export function readIfMatch(header: string | undefined, required: boolean): Pick<ChangeMeta, 'ifMatch'> {
  if (header === undefined) {
    if (!required) return {};
    const hint = 'send the ETag of the configuration that the change is based on, or * to overwrite whatever there is';
    throw apiError('LB_API_IF_MATCH', 'the header If-Match is missing', hint);
  }
  if (header === '*') return {};
  const [, number] = /^"(\d{1,15})"$/.exec(header) ?? [];
  if (number === undefined) throw apiError('LB_API_REQUEST', 'If-Match must be one ETag of a revision, as in "12"');
  return { ifMatch: Number(number) };
}
