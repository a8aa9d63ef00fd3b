import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Balancer, ChangeMeta } from './balancer.js';
import type { Caller } from './caller.js';
import type { RouteAnswer, RouteInput } from './contract/route.js';
import type { RouteName, Routes } from './contract/routes.js';

/** A request that is being answered. */
export interface Call {
  readonly balancer: Balancer;
  readonly caller: Caller;
  /** Author, note and the revision that the change is based on. */
  readonly meta: ChangeMeta;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export type Handler<N extends RouteName> = (
  input: RouteInput<Routes[N]>,
  call: Call,
) => RouteAnswer<Routes[N]> | Promise<RouteAnswer<Routes[N]>>;

/** What answers each operation. */
export type Handlers<N extends RouteName = RouteName> = { readonly [K in N]: Handler<K> };
