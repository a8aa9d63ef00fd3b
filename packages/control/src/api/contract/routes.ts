import * as z from 'zod';
import { configRoutes } from './config-routes.js';
import { liveRoutes } from './live-routes.js';
import { revisionRoutes } from './revision-routes.js';
import type { Route } from './route.js';
import { tapRoutes } from './tap-routes.js';
import { tokenRoutes } from './token-routes.js';
import { vipRoutes } from './vip-routes.js';

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
  ...tapRoutes,
  ...tokenRoutes,
  ...otherRoutes,
} as const;

export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;
