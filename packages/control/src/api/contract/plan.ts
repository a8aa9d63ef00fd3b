import * as z from 'zod';
import { count, vipRefSchema } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';
import { problemSchema } from './problem.js';

const flowsSchema = z.object({ kept: count, cut: count });
const share = z.number().min(0).max(1);

const planChangeSchema = z.object({
  kind: z.enum(['add', 'remove', 'change']),
  path: z.string(),
  vip: vipRefSchema.exactOptional(),
  as: z.string().exactOptional(),
  from: z.unknown().exactOptional().meta({ description: 'value before; absent if there was none' }),
  to: z.unknown().exactOptional().meta({ description: 'value after; absent if there is none' }),
  text: z.string(),
});

const vipPlanSchema = z.object({
  vip: vipRefSchema,
  change: z.enum(['added', 'removed', 'changed']),
  newLenBefore: z.int(),
  newLenAfter: z.int(),
  buckets: count.meta({ description: 'compared: those of the longer table' }),
  moved: count,
  share: share.meta({ description: 'moved / buckets' }),
  moves: z.array(z.object({ from: z.string().nullable(), to: z.string().nullable(), buckets: count })),
  ass: z.array(
    z.object({
      address: z.string(),
      bucketsBefore: count,
      bucketsAfter: count,
      idealAfter: z.number(),
      flows: count.nullable(),
      fate: z.enum(['kept', 'cut', 'none']),
    }),
  ),
  flows: flowsSchema.nullable(),
});

/** What a proposed configuration would change, without applying it. */
export const planSchema = z
  .object({
    changes: z.array(planChangeSchema),
    vips: z.array(vipPlanSchema),
    flows: flowsSchema.nullable().meta({ description: 'established flows; null: not counted' }),
    warnings: z.array(problemSchema),
  })
  .meta({ id: 'Plan' });

/** What lies between two revisions. */
export const diffSchema = z.object({ changes: z.array(planChangeSchema) }).meta({ id: 'Diff' });

export type ApiPlan = DeepReadonly<z.output<typeof planSchema>>;
export type Diff = DeepReadonly<z.output<typeof diffSchema>>;
