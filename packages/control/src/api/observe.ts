import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics/metrics.js';
import type { AuditLog } from './audit-log.js';
import { isAudited, noteChange } from './audit-trail.js';
import type { Balancer } from './balancer.js';
import { checkDepth } from './check-request.js';
import type { ApiLog } from './log.js';

/** Measures requests, and notes those that change something before they are answered. */
export function observe(
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
