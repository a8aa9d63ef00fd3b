import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Balancer } from './balancer.js';
import { drainBody } from './drain-body.js';
import { errorAnswer, refusalOf } from './error-answer.js';
import { apiError } from './errors.js';
import type { ApiLog } from './log.js';
import { methodsOf } from './routing.js';

/** Answers whatever is thrown, and what there is nothing for. */
export function answerErrors(app: FastifyInstance, ready: Promise<Balancer>, log: ApiLog): void {
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error);
    const { status, problems } = refusal;
    request.failure = problems[0].code;
    if (status >= 500) await tellFailure(error, request, { status, code: problems[0].code }, ready, log);
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="lb"');
    drainBody(request, reply);
    const more = {
      ...(status === 412 && { revision: (await ready).revisions.current.number }),
      ...(status >= 500 && { requestId: request.id }),
    };
    return reply.code(status).send(errorAnswer(refusal, more));
  });
  app.setNotFoundHandler(async (request, reply) => {
    const methods = methodsOf(request.url);
    if (methods.length === 0) throw apiError('LB_API_ROUTE', 'there is nothing at this path', 'see /openapi.json');
    reply.header('allow', methods.join(', '));
    throw apiError('LB_API_METHOD', `this path is not served for ${request.method}`, `it is for ${methods.join(', ')}`);
  });
}

/** Every answer from 500 is an event and a line of the log. */
async function tellFailure(
  error: unknown,
  request: FastifyRequest,
  { status, code }: { status: number; code: string },
  ready: Promise<Balancer>,
  log: ApiLog,
): Promise<void> {
  const route = `${request.method} ${request.routeOptions.url ?? '(none)'}`;
  const requestId = request.id;
  log.error({ requestId, route, status, code, error: String((error as Error).stack ?? error) }, 'a request failed');
  const text = `${route} was answered with status ${status} (${code})`;
  const balancer = await ready.catch(() => undefined);
  balancer?.events.add({ type: 'api-error', level: 'error', text, requestId, route, status, code });
}
