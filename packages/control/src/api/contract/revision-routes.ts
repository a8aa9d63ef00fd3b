import * as z from 'zod';
import * as parts from './parts.js';
import { diffSchema } from './plan.js';
import { changedSchema, revisionMetaSchema, revisionSchema } from './revisions.js';
import type { Route } from './route.js';

export const revisionRoutes = {
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
