import { REASONS, type ReasonName } from '@lb/dataplane';
import { didYouMean } from '../nearest.js';
import { vipRefOf } from '../vip-ref.js';
import type { Balancer, CaptureQuery, TapQuery } from './balancer.js';
import type { CaptureBody, TraceBody } from './contract/taps.js';
import { RequestError } from './errors.js';
import { findVip, readAddress, readPrefix } from './find-vip.js';

const USUAL_TRACE = { count: 20, seconds: 10 };
const USUAL_CAPTURE = { count: 10_000, seconds: 60, bytes: 100 * 2 ** 20, side: 'both' } as const;

/** @throws RequestError, LbError LB_API_NOT_FOUND */
export function traceQuery(body: TraceBody, balancer: Balancer): TapQuery {
  return { ...USUAL_TRACE, ...body, ...read(body, balancer) };
}

/** @throws RequestError, LbError LB_API_NOT_FOUND */
export function captureQuery(body: CaptureBody, balancer: Balancer): CaptureQuery {
  return { ...USUAL_CAPTURE, ...body, ...read(body, balancer) };
}

type Read = Pick<TapQuery, 'vip' | 'as' | 'client' | 'reason'>;

/** What is given as text, understood. */
function read({ vip, as, client, reason }: TraceBody, { revisions }: Balancer): Read {
  return {
    vip: vip === undefined ? undefined : vipRefOf(findVip(revisions.current.config, vip, 'body.vip').vip),
    as: as === undefined ? undefined : readAddress(as),
    client: client === undefined ? undefined : readPrefix(client, 'body.client'),
    reason: reason === undefined ? undefined : readReason(reason),
  };
}

const NAMES = REASONS.map(([name]) => name);

function readReason(text: string): ReasonName {
  const found = NAMES.find((name) => name === text);
  if (found !== undefined) return found;
  const hint = didYouMean(text, NAMES) ?? 'docs/dataplane.md lists them';
  const message = `body.reason must be the name of a reason, got '${text}'`;
  throw new RequestError([{ code: 'LB_API_REQUEST', message, path: 'body.reason', hint }]);
}
