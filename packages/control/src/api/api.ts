import type { Server } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { createMetrics } from '../metrics/metrics.js';
import { guardRequests } from './access.js';
import { answerErrors } from './answer-errors.js';
import type { AuditLog } from './audit-log.js';
import type { Balancer } from './balancer.js';
import type { Handlers } from './call.js';
import { requestCheck } from './check-request.js';
import { configHandlers } from './config-handlers.js';
import { errorAnswer, refusalOf } from './error-answer.js';
import { apiError } from './errors.js';
import { makeServer } from './http-servers.js';
import { API_LIMITS, type ApiLimits } from './limits.js';
import { isLoopback, listenOnAddress, parseListenAddress, readTls } from './listen-tcp.js';
import { liveHandlers } from './live-handlers.js';
import type { ApiLog } from './log.js';
import { observe } from './observe.js';
import { openapiHead } from './openapi.js';
import { RateStore } from './rate-store.js';
import { revisionHandlers } from './revision-handlers.js';
import { serveRoutes } from './serve-routes.js';
import { Streams } from './streams.js';
import { tokenHandlers } from './token-handlers.js';
import { TokenStore } from './token-store.js';
import { asHandlers, vipHandlers } from './vip-handlers.js';

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

    await app.register(rateLimit, { global: false, store: RateStore });
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
    serveRoutes(app, handlers, ready);
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
    server.once('close', () => {
      const at = this.servers.indexOf(server);
      if (at >= 0) this.servers.splice(at, 1);
    });
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
