import * as z from 'zod';
import { asSchema, configSchema, vipSchema } from '../../schema.js';
import { countersSchema, vipSampleSchema } from './counters.js';
import { eventSchema } from './events.js';
import { explanationSchema, flowLookupSchema, flowPageSchema } from './flows.js';
import { checkViewSchema } from './health.js';
import * as parts from './parts.js';
import { asPatchSchema, settingsPatchSchema, vipPatchSchema } from './patch.js';
import { diffSchema, planSchema } from './plan.js';
import { changedSchema, execAnswerSchema, revisionMetaSchema, revisionSchema } from './revisions.js';
import type { Route } from './route.js';
import { statusSchema, workerViewSchema } from './status.js';
import { newTokenSchema, tokenViewSchema } from './tokens.js';

const done = z.strictObject({}).meta({ id: 'Done' });
const planBody = z.union([
  z.strictObject({ config: configSchema }),
  z.strictObject({ lines: parts.execBody.shape.lines }),
  z.strictObject({ revision: z.int().min(1).meta({ description: 'what a rollback to it would do' }) }),
]);

/** A change of the configuration that may say on which revision it is based. */
const change = { role: 'admin', ifMatch: 'optional', query: parts.noteQuery, checkedByModel: true } as const;

const configRoutes = {
  getConfig: {
    method: 'GET',
    path: '/v1/config',
    tag: 'configuration',
    role: 'read',
    summary: 'The current configuration; its revision is the ETag',
    response: configSchema,
  },
  putConfig: {
    ...change,
    method: 'PUT',
    path: '/v1/config',
    tag: 'configuration',
    ifMatch: 'required',
    summary: 'Replace the whole configuration',
    body: configSchema,
    response: changedSchema,
  },
  patchConfig: {
    ...change,
    method: 'PATCH',
    path: '/v1/config',
    tag: 'configuration',
    summary: 'Change settings beside VIPs; null brings a default back',
    body: settingsPatchSchema,
    response: changedSchema,
  },
  plan: {
    method: 'POST',
    path: '/v1/plan',
    tag: 'configuration',
    role: 'read',
    checkedByModel: true,
    summary: 'What a configuration, command lines or a rollback would change, without applying it',
    body: planBody,
    response: planSchema,
  },
  exec: {
    method: 'POST',
    path: '/v1/exec',
    tag: 'configuration',
    // A reader may send lines that show something; the handler looks at them.
    role: 'read',
    ifMatch: 'optional',
    summary: 'Carry out command lines, all or none; a token that may read only may send show lines',
    body: parts.execBody,
    response: execAnswerSchema,
  },
} as const satisfies Record<string, Route>;

const vipRoutes = {
  listVips: {
    method: 'GET',
    path: '/v1/vips',
    tag: 'VIPs',
    role: 'read',
    summary: 'The VIPs with their ASs: states, weights and counters',
    response: z.array(vipSampleSchema),
  },
  getVip: {
    method: 'GET',
    path: '/v1/vips/:vip',
    tag: 'VIPs',
    role: 'read',
    summary: 'The configuration of a VIP',
    params: parts.vipParams,
    response: vipSchema,
  },
  addVip: {
    ...change,
    method: 'POST',
    path: '/v1/vips',
    tag: 'VIPs',
    summary: 'Add a VIP',
    body: vipSchema,
    status: 201,
    response: changedSchema,
  },
  patchVip: {
    ...change,
    method: 'PATCH',
    path: '/v1/vips/:vip',
    tag: 'VIPs',
    summary: 'Change settings of a VIP in place; null brings a default back',
    params: parts.vipParams,
    body: vipPatchSchema,
    response: changedSchema,
  },
  deleteVip: {
    ...change,
    method: 'DELETE',
    path: '/v1/vips/:vip',
    tag: 'VIPs',
    summary: 'Remove a VIP',
    params: parts.vipParams,
    response: changedSchema,
  },
  flushVip: {
    method: 'POST',
    path: '/v1/vips/:vip/flush',
    tag: 'VIPs',
    role: 'admin',
    summary: 'Have the established flows of a VIP balanced anew',
    params: parts.vipParams,
    response: done,
  },
  addAs: {
    ...change,
    method: 'POST',
    path: '/v1/vips/:vip/ass',
    tag: 'VIPs',
    summary: 'Add an AS to a VIP',
    params: parts.vipParams,
    body: asSchema,
    status: 201,
    response: changedSchema,
  },
  patchAs: {
    ...change,
    method: 'PATCH',
    path: '/v1/vips/:vip/ass/:address',
    tag: 'VIPs',
    summary: 'Change weight or state of an AS; null brings a default back',
    params: parts.asParams,
    body: asPatchSchema,
    response: changedSchema,
  },
  deleteAs: {
    ...change,
    method: 'DELETE',
    path: '/v1/vips/:vip/ass/:address',
    tag: 'VIPs',
    summary: 'Remove an AS from a VIP; its established flows go on unless they are flushed',
    params: parts.asParams,
    query: parts.deleteAsQuery,
    response: changedSchema,
  },
  flushAs: {
    method: 'POST',
    path: '/v1/vips/:vip/ass/:address/flush',
    tag: 'VIPs',
    role: 'admin',
    summary: 'Have the established flows of an AS balanced anew',
    params: parts.asParams,
    response: done,
  },
  buckets: {
    method: 'GET',
    path: '/v1/vips/:vip/buckets',
    tag: 'VIPs',
    role: 'read',
    summary: 'The new-flow table of a VIP in binary form (docs/api.md has the layout)',
    params: parts.vipParams,
    response: 'application/octet-stream',
  },
} as const satisfies Record<string, Route>;

const revisionRoutes = {
  listRevisions: {
    method: 'GET',
    path: '/v1/revisions',
    tag: 'revisions',
    role: 'read',
    summary: 'The revisions, newest first',
    query: parts.historyQuery,
    response: z.object({ revisions: z.array(revisionMetaSchema) }),
  },
  getRevision: {
    method: 'GET',
    path: '/v1/revisions/:number',
    tag: 'revisions',
    role: 'read',
    summary: 'A revision with its configuration',
    params: parts.revisionParams,
    response: revisionSchema,
  },
  diffRevisions: {
    method: 'GET',
    path: '/v1/revisions/:from/diff/:to',
    tag: 'revisions',
    role: 'read',
    summary: 'What lies between two revisions',
    params: parts.diffParams,
    response: diffSchema,
  },
  rollback: {
    method: 'POST',
    path: '/v1/revisions/:number/rollback',
    tag: 'revisions',
    role: 'admin',
    ifMatch: 'required',
    summary: 'Make the configuration of a revision the current one, as a new revision',
    params: parts.revisionParams,
    query: parts.noteQuery,
    response: changedSchema,
  },
} as const satisfies Record<string, Route>;

const liveRoutes = {
  getStatus: {
    method: 'GET',
    path: '/v1/status',
    tag: 'live',
    role: 'read',
    summary: 'Who the daemon is and how it is',
    response: statusSchema,
  },
  getCounters: {
    method: 'GET',
    path: '/v1/counters',
    tag: 'live',
    role: 'read',
    summary: 'All counters at one moment',
    response: countersSchema,
  },
  getHealth: {
    method: 'GET',
    path: '/v1/health',
    tag: 'live',
    role: 'read',
    summary: 'The health checks and their last results',
    response: z.object({ checks: z.array(checkViewSchema) }),
  },
  getWorkers: {
    method: 'GET',
    path: '/v1/workers',
    tag: 'live',
    role: 'read',
    summary: 'The workers',
    response: z.object({ workers: z.array(workerViewSchema) }),
  },
  listFlows: {
    method: 'GET',
    path: '/v1/flows',
    tag: 'live',
    role: 'read',
    summary: 'Established flows, page by page',
    query: parts.flowsQuery,
    response: flowPageSchema,
  },
  lookupFlow: {
    method: 'GET',
    path: '/v1/flow',
    tag: 'live',
    role: 'read',
    summary: 'The entry of one flow in the flow tables',
    query: parts.flowQuery,
    response: flowLookupSchema,
  },
  explain: {
    method: 'GET',
    path: '/v1/explain',
    tag: 'live',
    role: 'read',
    summary: 'What would become of a packet of a flow, stage by stage',
    query: parts.flowQuery,
    response: explanationSchema,
  },
  listEvents: {
    method: 'GET',
    path: '/v1/events',
    tag: 'live',
    role: 'read',
    summary: 'The latest events, oldest first',
    query: parts.eventsQuery,
    response: z.object({
      events: z.array(eventSchema),
      missed: z.boolean().meta({ description: 'events between have been forgotten' }),
    }),
  },
  stream: {
    method: 'GET',
    path: '/v1/stream',
    tag: 'live',
    role: 'read',
    summary: 'Counters at a chosen rate and events as they come (server-sent events)',
    query: parts.streamQuery,
    response: 'text/event-stream',
  },
  killWorker: {
    method: 'POST',
    path: '/v1/debug/workers/:worker/kill',
    tag: 'live',
    role: 'admin',
    summary: 'End the thread of a worker, to show that another takes over',
    params: parts.workerParams,
    response: done,
  },
} as const satisfies Record<string, Route>;

const tokenRoutes = {
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    tag: 'tokens',
    role: 'admin',
    local: true,
    summary: 'The tokens, without what they are',
    response: z.object({ tokens: z.array(tokenViewSchema) }),
  },
  createToken: {
    method: 'POST',
    path: '/v1/tokens',
    tag: 'tokens',
    role: 'admin',
    local: true,
    summary: 'Make a token',
    body: parts.newTokenBody,
    status: 201,
    response: newTokenSchema,
  },
  rotateToken: {
    method: 'POST',
    path: '/v1/tokens/:name/rotate',
    tag: 'tokens',
    role: 'admin',
    local: true,
    summary: 'Replace a token; the old one is void at once',
    params: parts.tokenParams,
    response: newTokenSchema,
  },
  revokeToken: {
    method: 'DELETE',
    path: '/v1/tokens/:name',
    tag: 'tokens',
    role: 'admin',
    local: true,
    summary: 'Make a token void',
    params: parts.tokenParams,
    response: done,
  },
} as const satisfies Record<string, Route>;

const otherRoutes = {
  metrics: {
    method: 'GET',
    path: '/metrics',
    tag: 'metrics',
    role: 'read',
    summary: 'Metrics for Prometheus (docs/metrics.md)',
    response: 'text/plain',
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    tag: 'description',
    role: 'read',
    summary: 'This description',
    response: z.looseObject({ openapi: z.string() }),
  },
} as const satisfies Record<string, Route>;

/** Every operation of the API, by its name. */
export const ROUTES = {
  ...configRoutes,
  ...vipRoutes,
  ...revisionRoutes,
  ...liveRoutes,
  ...tokenRoutes,
  ...otherRoutes,
} as const;

export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;
