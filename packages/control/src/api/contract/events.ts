import * as z from 'zod';
import { count, healthSchema, moment, vipRefSchema, weightReasonSchema } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';

const base = {
  id: z.int().meta({ description: 'grows by one with every event of a daemon' }),
  at: moment,
  level: z.enum(['info', 'warn', 'error']),
  text: z.string().meta({ description: 'the event in a sentence' }),
};
const ofAs = { vip: vipRefSchema, address: z.string() };

/** What happened. Clients must accept types that they do not know. */
export const eventSchema = z
  .discriminatedUnion('type', [
    z.object({ ...base, type: z.literal('revision'), number: z.int(), author: z.string(), note: z.string() }),
    z.object({ ...base, type: z.literal('health'), ...ofAs, from: healthSchema, to: healthSchema, reason: z.string() }),
    z.object({
      ...base,
      type: z.literal('weight'),
      ...ofAs,
      weight: z.number(),
      reason: weightReasonSchema.meta({ description: 'why the effective weight is this now' }),
    }),
    z.object({
      ...base,
      type: z.literal('drain'),
      ...ofAs,
      what: z.enum(['started', 'empty', 'deadline', 'ended']),
      flows: count.meta({ description: 'left on the AS' }),
    }),
    z.object({
      ...base,
      type: z.literal('flush'),
      vip: vipRefSchema,
      address: z.string().nullable().meta({ description: 'null: all ASs of the VIP' }),
      author: z.string(),
    }),
    z.object({
      ...base,
      type: z.literal('worker'),
      worker: z.int(),
      what: z.enum(['died', 'restarted', 'queues-failed']),
    }),
    z.object({
      ...base,
      type: z.literal('interface'),
      interface: z.string(),
      what: z.enum(['gone', 'back', 'failed']),
    }),
    z.object({ ...base, type: z.literal('config-file'), file: z.string(), what: z.enum(['applied', 'refused']) }),
    z.object({ ...base, type: z.literal('notice'), code: z.string().meta({ description: 'LB_…' }) }),
    z.object({
      ...base,
      type: z.literal('api-error'),
      requestId: z.string(),
      route: z.string(),
      status: z.int(),
      code: z.string(),
    }),
  ])
  .meta({ id: 'Event' });

export type LbEvent = DeepReadonly<z.output<typeof eventSchema>>;
export type LbEventType = LbEvent['type'];
/** An event before it has its number and time. */
export type NewEvent = LbEvent extends infer E ? (E extends LbEvent ? Omit<E, 'id' | 'at'> : never) : never;
