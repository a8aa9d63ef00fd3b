import * as z from 'zod';

/** Headers are read from the bytes: frame-headers.ts. */
const frame = z.object({
  bytes: z.number(),
  hex: z.string().regex(/^([0-9a-f]{2})*$/),
});
const port = z.number().nullable();

/** What a daemon answers to `explain` and `explainPacket`. What a packet did not come to is null. */
export const explanationSchema = z.object({
  /** Null: a packet that is no IP packet. */
  flow: z
    .object({
      source: z.string(),
      sourcePort: port,
      destination: z.string(),
      destinationPort: port,
      protocol: z.string(),
    })
    .nullable(),
  verdict: z.string(),
  reason: z.string().nullable(),
  prefixes: z.array(z.string()),
  vip: z
    .object({
      prefix: z.string(),
      protocol: z.enum(['tcp', 'udp']).nullable(),
      port: z.number().nullable(),
      encap: z.string(),
      newLen: z.number(),
    })
    .nullable(),
  hash: z.object({ kind: z.string(), identity: z.string(), value: z.number() }).nullable(),
  flowTable: z.enum(['hit', 'miss']).nullable(),
  bucket: z.number().nullable(),
  as: z.object({ address: z.string(), weight: z.number() }).nullable(),
  before: frame,
  after: frame.nullable(),
});

export type ExplainedFlow = z.output<typeof explanationSchema>;
export type ExplainedFrame = z.output<typeof frame>;
