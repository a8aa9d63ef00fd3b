import type { Server } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { createMetrics, type Metrics } from '../metrics/metrics.js';
import { guardRequests } from './access.js';
import type { AuditLog } from './audit-log.js';
import { isAudited, noteChange } from './audit-trail.js';
import type { Balancer } from './balancer.js';
import type { Call, Handler, Handlers } from './call.js';
import { checkDepth, requestCheck, unchecked } from './check-request.js';
import { configHandlers } from './config-handlers.js';
import type { Route } from './contract/route.js';
import { ROUTES, type RouteName } from './contract/routes.js';
import { errorAnswer, refusalOf } from './error-answer.js';
import { apiError } from './errors.js';
import { makeServer } from './http-servers.js';
import { entityTag, readIfMatch } from './if-match.js';
import { API_LIMITS, type ApiLimits } from './limits.js';
import { isLoopback, listenOnAddress, parseListenAddress, readTls } from './listen-tcp.js';
import { liveHandlers } from './live-handlers.js';
import { openapiHead, routeSchema } from './openapi.js';
import { revisionHandlers } from './revision-handlers.js';
import { methodsOf } from './routing.js';
import { Streams } from './streams.js';
import { tokenHandlers } from './token-handlers.js';
import { TokenStore } from './token-store.js';
import { asHandlers, vipHandlers } from './vip-handlers.js';

/** What the API logs to: the values that belong to a message, and the message. */
export type ApiLog = Record<'info' | 'warn' | 'error', (values: object, message: string) => void>;

export interface ApiOptions {
  readonly log: ApiLog;
  /** Of the product, for the description. */
  readonly version: string;
  /** Who may use the TCP listeners; without them, nobody. */
  readonly tokens?: TokenStore;
  readonly audit?: AuditLog;
  readonly limits?: Partial<ApiLimits>;
}

export interface ListenerOptions {
  /** `127.0.0.1:8080`, `[::1]:8443`, `:8443`; port 0 is any that is free. */
  readonly address: string;
  /** Files in PEM form. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/**
 * The API over a balancer: one set of operations, any number of listeners. Requests that come before the balancer is
 * ready wait for it.
 */
export class Api {
  private readonly servers: Server[] = [];

  private constructor(
    /** For tests: a request that is injected is one over TCP, and needs a token. */
    readonly app: FastifyInstance,
    private readonly streams: Streams,
    private readonly limits: ApiLimits,
    private readonly audit: AuditLog | undefined,
  ) {}

  static async create(balancer: Balancer | Promise<Balancer>, options: ApiOptions): Promise<Api> {
    const { tokens = TokenStore.open(), audit, log } = options;
    const limits = { ...API_LIMITS, ...options.limits };
    const app = makeApp(limits);
    const ready = Promise.resolve(balancer);
    // Whoever made the promise tells about its failure; requests get it as theirs.
    ready.catch(() => {});
    const streams = new Streams(limits.streams, tokens);
    const metrics = ready.then((made) => createMetrics(made, { streams: () => streams.count }));
    metrics.catch(() => {});

    await app.register(rateLimit, { global: false });
    await app.register(swagger, {
      openapi: openapiHead(options.version),
      transform: jsonSchemaTransform,
      transformObject: jsonSchemaTransformObject,
    });
    answerErrors(app, ready, log);
    guardRequests(app, tokens, limits);
    observe(app, ready, metrics, audit, log);
    const handlers: Handlers = {
      ...configHandlers,
      ...vipHandlers,
      ...asHandlers,
      ...revisionHandlers,
      ...liveHandlers,
      ...tokenHandlers(tokens),
      ...streams.handlers,
      metrics: async (_, { reply }) => {
        const made = await metrics;
        reply.type(made.contentType);
        return made.text();
      },
      openapi: () => app.swagger() as { openapi: string },
    };
    for (const name of Object.keys(ROUTES) as RouteName[])
      addRoute(app, name, handlers[name] as Handler<RouteName>, ready);
    await app.ready();
    return new Api(app, streams, limits, audit);
  }

  /** A server for the Unix socket, not yet listening: whoever connects to it may do everything. */
  unixServer(): Server {
    return this.serverFor('unix');
  }

  /**
   * @returns the port
   * @throws LbError LB_API_LISTEN, LB_API_TLS (also for an address beyond loopback without TLS)
   */
  async listen({ address, tls }: ListenerOptions): Promise<number> {
    const where = parseListenAddress(address);
    if (tls === undefined && !isLoopback(where.host)) {
      const hint = 'give the listener a certificate and a key, or let it listen on 127.0.0.1';
      throw apiError('LB_API_TLS', `${address} would serve the API beyond this machine without TLS`, hint);
    }
    return listenOnAddress(this.serverFor('tcp', tls && readTls(tls)), where);
  }

  /** Ends all connections and listeners. Repeating it does nothing. */
  async close(): Promise<void> {
    this.streams.closeAll();
    const closed = this.servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    });
    await Promise.all(closed);
    await this.app.close();
    await this.audit?.close();
  }

  private serverFor(via: 'unix' | 'tcp', tls?: { readonly cert: Buffer; readonly key: Buffer }): Server {
    const server = makeServer(via, (request, response) => this.app.routing(request, response), this.limits, tls);
    this.servers.push(server);
    return server;
  }
}

function makeApp(limits: ApiLimits): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, _request, reply) => {
      const refusal = refusalOf(error);
      void (reply as unknown as FastifyReply).code(refusal.status).send(errorAnswer(refusal));
    },
  });
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
  app.setValidatorCompiler(requestCheck);
  app.setSerializerCompiler(() => JSON.stringify);
  return app;
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

function answerErrors(app: FastifyInstance, ready: Promise<Balancer>, log: ApiLog): void {
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error);
    const { status, problems } = refusal;
    request.failure = problems[0].code;
    if (status >= 500) await tellFailure(error, request, { status, code: problems[0].code }, ready, log);
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="lb"');
    // The rest of a body that is not read would be taken for the next request.
    if (status === 413) reply.header('connection', 'close');
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

/** Measures requests, and notes those that change something before they are answered. */
function observe(
  app: FastifyInstance,
  ready: Promise<Balancer>,
  metrics: Promise<Metrics>,
  audit: AuditLog | undefined,
  log: ApiLog,
): void {
  app.addHook('preValidation', async (request) => {
    checkDepth(request.body);
    request.revisionBefore = (await ready).revisions.current.number;
  });
  app.addHook('onSend', async (request, reply) => {
    const { name, route } = request.routeOptions.config;
    const { caller, revisionBefore, failure } = request;
    if (audit === undefined || name === undefined || route === undefined || caller === null) return;
    if (!isAudited(name, route, request.body)) return;
    const balancer = await ready;
    const before = revisionBefore ?? balancer.revisions.current.number;
    try {
      await noteChange(audit, balancer, { name, caller, before, code: failure }, request, reply);
    } catch (error) {
      const { message: text, code } = error as Error & { code: string };
      log.error({ code }, text);
      balancer.events.add({ type: 'notice', level: 'error', text, code });
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config.name ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    const made = await metrics.catch(() => undefined);
    made?.request({ route, status: reply.statusCode, seconds });
  });
}
