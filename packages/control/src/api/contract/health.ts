import * as z from 'zod';
import { count, healthSchema, moment, vipRefSchema } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';

/** One checked AS of one VIP. */
export const checkViewSchema = z
  .object({
    vip: vipRefSchema,
    address: z.string(),
    type: z.enum(['tcp', 'http', 'https', 'udp', 'icmp']),
    health: healthSchema,
    since: moment.meta({ description: 'when the health became so' }),
    before: z
      .object({ health: healthSchema, since: moment })
      .nullable()
      .meta({ description: 'what an earlier process knew, while this one knows nothing; not acted upon' }),
    consecutive: count.meta({ description: 'results of the same kind in a row' }),
    lastResult: z
      .object({ at: moment, ok: z.boolean(), reason: z.string(), ms: z.number(), local: z.boolean() })
      .nullable()
      .meta({ description: 'null: not checked yet' }),
    checks: count,
    failures: count,
    flapping: z.boolean(),
  })
  .meta({ id: 'Check' });

export type HealthView = DeepReadonly<z.output<typeof checkViewSchema>>;
