import * as z from 'zod';
import { adminStateSchema, count, counts, healthSchema, moment, weightReasonSchema } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';
import { workerViewSchema } from './status.js';

/** What was counted for an AS, and its three states: configured, administrative and operational. */
export const asSampleSchema = z
  .object({
    address: z.string(),
    weight: z.int().meta({ description: 'configured, 0 to 100' }),
    effectiveWeight: z.number().meta({ description: 'by which it gets new flows now' }),
    reason: weightReasonSchema.meta({ description: 'why the effective weight is what it is' }),
    state: adminStateSchema,
    health: healthSchema,
    packets: count,
    bytes: count.meta({ description: 'IP length as received' }),
    first: count.nullable().meta({ description: 'first packets of flows; null: not counted by AS' }),
    untracked: count.nullable().meta({ description: 'packets without an entry; null: not counted by AS' }),
    flows: count.meta({ description: 'live entries of the flow tables' }),
    buckets: count.meta({ description: 'of the new-flow table' }),
  })
  .meta({ id: 'AsCounters' });

export const vipSampleSchema = z
  .object({
    id: z.string().meta({ description: 'as in URLs: 90.0.0.0/8 or 90.1.2.1/32,tcp,80' }),
    prefix: z.string(),
    protocol: z.enum(['tcp', 'udp']).nullable(),
    port: z.int().nullable(),
    encap: z.string(),
    newLen: z.int(),
    imbalance: z.number().meta({ description: 'how far the fullest AS exceeds its share, as a factor; 0: no AS' }),
    existing: count.meta({ description: 'packets of flows in the flow table' }),
    first: count,
    untracked: count,
    noServer: count,
    natReturn: count,
    ass: z.array(asSampleSchema),
  })
  .meta({ id: 'VipCounters' });

/** All counters at one moment. Those named packets or bytes only grow until the daemon ends. */
export const countersSchema = z
  .object({
    at: moment,
    uptimeSec: count,
    revision: z.int(),
    received: count,
    forwarded: count,
    replied: count,
    punted: count,
    dropped: count,
    natReturn: count,
    unsent: count,
    unpunted: count,
    puntedBy: counts.meta({ description: 'packets by reason; reasons never met may be missing' }),
    droppedBy: counts.meta({ description: 'packets by reason; reasons never met may be missing' }),
    flows: count,
    flowStates: z.object({ opening: count, closing: count }).meta({
      description:
        'entries of the flow tables by state of their TCP connection; the rest have none, or are established',
    }),
    flowCapacity: count.meta({ description: 'entries of all flow tables' }),
    image: z.object({ revision: z.int(), acknowledged: z.int() }),
    workers: z.array(workerViewSchema),
    vips: z.array(vipSampleSchema).meta({ description: 'in configuration order' }),
  })
  .meta({ id: 'Counters' });

export type AsSample = DeepReadonly<z.output<typeof asSampleSchema>>;
export type VipSample = DeepReadonly<z.output<typeof vipSampleSchema>>;
export type CountersSample = DeepReadonly<z.output<typeof countersSchema>>;
