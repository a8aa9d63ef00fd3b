import * as z from 'zod';
import { done } from './change.js';
import { countersSchema } from './counters.js';
import { eventSchema } from './events.js';
import { explanationSchema, flowLookupSchema, flowPageSchema } from './flows.js';
import { checkViewSchema } from './health.js';
import * as parts from './parts.js';
import type { Route } from './route.js';
import { statusSchema, workerViewSchema } from './status.js';

export const liveRoutes = {
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
  explainPacket: {
    method: 'POST',
    path: '/v1/explain',
    tag: 'live',
    role: 'read',
    summary: 'The same for a given packet, byte by byte',
    body: parts.packetBody,
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
