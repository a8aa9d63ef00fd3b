import * as z from 'zod';
import { moment } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';
import { roleSchema } from './tokens.js';

/** A line of the audit log: a request to change something, done or refused. */
export const auditEntrySchema = z
  .object({
    at: moment,
    author: z.string().meta({ description: 'name of the token, or unix:USER' }),
    role: roleSchema,
    via: z.string().meta({ description: 'unix, or the address of the peer' }),
    action: z.string().meta({ description: 'operation of the API' }),
    target: z.string().meta({ description: 'path of the request' }),
    status: z.int(),
    code: z.string().exactOptional().meta({ description: 'why it was refused' }),
    before: z.int().meta({ description: 'current revision when the request came' }),
    after: z.int().meta({ description: 'current revision when it was answered' }),
    note: z.string().exactOptional(),
    detail: z.unknown().meta({ description: 'the body, as far as it is short' }),
  })
  .meta({ id: 'AuditEntry' });

export type AuditEntry = DeepReadonly<z.output<typeof auditEntrySchema>>;
