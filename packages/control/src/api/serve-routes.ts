import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Balancer } from './balancer.js';
import type { Call, Handler, Handlers } from './call.js';
import { requestCheck, unchecked } from './check-request.js';
import type { Route } from './contract/route.js';
import { ROUTES, type RouteName } from './contract/routes.js';
import { entityTag, readIfMatch } from './if-match.js';
import { routeSchema } from './openapi.js';

/** Serves every operation of the contract by its handler. */
export function serveRoutes(app: FastifyInstance, handlers: Handlers, ready: Promise<Balancer>): void {
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    addRoute(app, name, handlers[name] as Handler<RouteName>, ready);
  }
}

function addRoute(app: FastifyInstance, name: RouteName, handler: Handler<RouteName>, ready: Promise<Balancer>): void {
  const route: Route = ROUTES[name];
  app.route({
    method: route.method,
    url: route.path,
    config: { name, route },
    schema: routeSchema(name, route),
    validatorCompiler: (part) =>
      part.httpPart === 'headers' || (part.httpPart === 'body' && route.checkedByModel)
        ? unchecked()
        : requestCheck(part),
    handler: async (request, reply) => {
      const call = await callFor(request, reply, route, await ready);
      const { params, query, body } = request;
      const answer: unknown = await handler({ params, query, body } as Parameters<typeof handler>[0], call);
      if (route.status !== undefined) reply.code(route.status);
      tagChange(reply, route, answer);
      return reply.send(answer);
    },
  });
}

async function callFor(request: FastifyRequest, reply: FastifyReply, route: Route, balancer: Balancer): Promise<Call> {
  const caller = request.caller!;
  const note = (request.query as { note?: string }).note ?? (request.body as { note?: unknown } | undefined)?.note;
  const ifMatch = route.ifMatch && readIfMatch(request.headers['if-match'], route.ifMatch === 'required');
  const meta = { author: caller.author, ...(typeof note === 'string' && { note }), ...ifMatch };
  return { balancer, caller, meta, request, reply };
}

/** The ETag of what a change has led to. */
function tagChange(reply: FastifyReply, route: Route, answer: unknown): void {
  if (route.ifMatch === undefined) return;
  const { revision } = answer as { revision: number | { number: number } };
  reply.header('etag', entityTag(typeof revision === 'number' ? revision : revision.number));
}
