import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, callerOf } from './caller.js';
import type { Route } from './contract/route.js';
import { apiError } from './errors.js';
import type { ApiLimits } from './limits.js';
import type { TokenStore } from './token-store.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set when the request has passed the guard. */
    caller: Caller | null;
    /** Code of the error that it is answered with. */
    failure?: string;
    revisionBefore?: number;
  }
  interface FastifyContextConfig {
    /** Absent where there is nothing at the path. */
    name?: string;
    route?: Route;
  }
}

/**
 * Lets no request come further than its headers that is not allowed to: first the rate (counted also for those who are
 * turned away), then who it is, then what they may do. Paths that do not exist are told to nobody without a token.
 */
export function guardRequests(app: FastifyInstance, tokens: TokenStore, limits: ApiLimits): void {
  const overRate = app.createRateLimit({
    timeWindow: 1000,
    keyGenerator: (request: FastifyRequest) => rateOf(request, limits).key,
    max: (request: FastifyRequest) => rateOf(request, limits).max,
  });
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    const caller = callerOf(request.raw, tokens);
    request.caller = caller ?? null;
    const rate = await overRate(request);
    if (!rate.isAllowed && rate.isExceeded) {
      reply.header('retry-after', Math.max(1, rate.ttlInSeconds));
      throw apiError('LB_API_RATE', `more than ${rate.max} requests in a second`, 'see the header Retry-After');
    }
    if (caller === undefined) throw noToken(request);
    allow(request, caller);
  });
}

function rateOf({ caller, ip }: FastifyRequest, limits: ApiLimits): { key: string; max: number } {
  if (caller === null) return { key: `peer ${ip}`, max: limits.peerPerSecond };
  if (caller.via === 'unix') return { key: 'unix', max: limits.unixPerSecond };
  return { key: `token ${caller.token}`, max: limits.tokenPerSecond };
}

function noToken({ headers }: FastifyRequest): Error {
  if (headers.authorization === undefined) {
    return apiError('LB_API_TOKEN', 'the request has no token', 'send the header Authorization: Bearer lbt_…');
  }
  return apiError('LB_API_TOKEN', 'the token is not known', 'it may have been rotated or revoked');
}

function allow({ routeOptions }: FastifyRequest, caller: Caller): void {
  const { route } = routeOptions.config;
  if (route === undefined) return;
  if (route.role === 'admin' && caller.role !== 'admin') {
    throw apiError('LB_API_ROLE', `the token '${caller.author}' may read only`, 'use a token with the role admin');
  }
  if (route.local && caller.via !== 'unix') {
    throw apiError(
      'LB_API_LOCAL',
      'tokens are managed on the Unix socket only',
      'ask at the Unix socket of the machine itself',
    );
  }
}
