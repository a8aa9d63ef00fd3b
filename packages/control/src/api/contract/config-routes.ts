import * as z from 'zod';
import { configSchema } from '../../schema.js';
import { CHANGE } from './change.js';
import * as parts from './parts.js';
import { settingsPatchSchema } from './patch.js';
import { planSchema } from './plan.js';
import { changedSchema, execAnswerSchema } from './revisions.js';
import type { Route } from './route.js';

const planBody = z.union([
  z.strictObject({ config: configSchema }),
  z.strictObject({ lines: parts.execBody.shape.lines }),
  z.strictObject({ revision: z.int().min(1).meta({ description: 'what a rollback to it would do' }) }),
]);

export const configRoutes = {
  getConfig: {
    method: 'GET',
    path: '/v1/config',
    tag: 'configuration',
    role: 'read',
    summary: 'The current configuration; its revision is the ETag',
    response: configSchema,
  },
  putConfig: {
    ...CHANGE,
    method: 'PUT',
    path: '/v1/config',
    tag: 'configuration',
    ifMatch: 'required',
    summary: 'Replace the whole configuration',
    body: configSchema,
    response: changedSchema,
  },
  patchConfig: {
    ...CHANGE,
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
