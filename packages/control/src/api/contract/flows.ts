import * as z from 'zod';
import { count } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';

/** States of TCP connections, as far as the packets of their clients show them. */
export const TCP_STATES = ['opening', 'established', 'closing'] as const;

/** An entry of a flow table. What cannot be told from the entry is null. */
export const flowViewSchema = z
  .object({
    worker: z.int(),
    vip: z.string().meta({ description: 'id of the VIP' }),
    as: z.string(),
    protocol: z.string().nullable(),
    client: z.string().nullable(),
    clientPort: z.int().nullable(),
    destination: z.string().nullable(),
    destinationPort: z.int().nullable(),
    identity: z.string().meta({ description: '64 bits in hex, by which the flow table knows the flow' }),
    bucket: z.int().nullable().meta({ description: 'of the new-flow table, which its first packet went by' }),
    ageSec: z.number().nullable().meta({ description: 'since it was given to its AS' }),
    state: z.enum(TCP_STATES).nullable().meta({
      description:
        'of a TCP connection: opening (only SYNs have come), established, or closing (a FIN or RST has come)',
    }),
    expiresInSec: z.number().meta({ description: 'when no packet comes until then' }),
  })
  .meta({ id: 'Flow' });

export const flowPageSchema = z
  .object({
    flows: z.array(flowViewSchema),
    total: count.exactOptional().meta({ description: 'that the filters let through, if counted' }),
    cursor: z.string().exactOptional().meta({ description: 'for the next page; absent on the last' }),
  })
  .meta({ id: 'FlowPage' });

export const flowLookupSchema = z
  .object({
    flow: z.string().meta({ description: 'as understood' }),
    entry: flowViewSchema.nullable().meta({ description: 'null: the flow is in no flow table' }),
  })
  .meta({ id: 'FlowLookup' });

/** What `lb explain` prints: see the command's documentation. */
export const explanationSchema = z.looseObject({ verdict: z.string() }).meta({ id: 'Explanation' });

export type TcpState = (typeof TCP_STATES)[number];
export type FlowView = DeepReadonly<z.output<typeof flowViewSchema>>;
export type FlowPage = DeepReadonly<z.output<typeof flowPageSchema>>;
export type FlowLookup = DeepReadonly<z.output<typeof flowLookupSchema>>;
export type Explanation = DeepReadonly<z.output<typeof explanationSchema>>;
