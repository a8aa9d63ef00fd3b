import * as z from 'zod';
import { count } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';

const VERDICTS = ['forward', 'reply', 'punt', 'drop', 'hold'] as const;

/** Which packets are wanted: those for which all that is given holds. */
const filter = {
  vip: z.string().max(80).exactOptional().meta({ description: 'id of the VIP: 90.0.0.0/8, or 90.1.2.1/32,tcp,80' }),
  as: z.string().max(64).exactOptional().meta({ description: 'address of the AS that it goes to' }),
  client: z
    .string()
    .max(64)
    .exactOptional()
    .meta({ description: 'address or prefix that holds source or destination of the packet as received' }),
  port: z.int().min(0).max(65_535).exactOptional().meta({ description: 'source or destination port, as received' }),
  protocol: z.enum(['tcp', 'udp', 'icmp', 'icmp6']).exactOptional(),
  verdict: z.enum(VERDICTS).exactOptional(),
  reason: z.string().max(40).exactOptional().meta({ description: 'why it was dropped or left to the kernel' }),
  sample: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .exactOptional()
    .meta({ description: 'of the wanted packets, one in so many of each worker; by default 1: all' }),
  snapBytes: z.int().min(64).max(2048).exactOptional().meta({ description: 'bytes kept of a packet, by default 2048' }),
};

export const traceBody = z.strictObject({
  ...filter,
  count: z.int().min(1).max(1000).exactOptional().meta({ description: 'most packets, by default 20' }),
  seconds: z.number().min(0.1).max(300).exactOptional().meta({ description: 'longest wait, by default 10' }),
});

export const captureBody = z.strictObject({
  ...filter,
  side: z
    .enum(['received', 'sent', 'both'])
    .exactOptional()
    .meta({ description: 'packets as received, as sent, or both, which is the default' }),
  count: z
    .int()
    .min(1)
    .max(10_000_000)
    .exactOptional()
    .meta({ description: 'most packets, by default 10000; one as received and as sent is one' }),
  seconds: z.number().min(0.1).max(3600).exactOptional().meta({ description: 'longest time, by default 60' }),
  bytes: z
    .int()
    .min(1)
    .max(2 ** 32)
    .exactOptional()
    .meta({ description: 'the file ends with the packet that reaches this size; by default 100 MiB' }),
});

const frameSchema = z
  .object({
    length: count.meta({ description: 'bytes that it had' }),
    hex: z.string().meta({ description: 'those of them that were kept, from the Ethernet header on' }),
  })
  .nullable();

/** What became of a packet. What it did not come to is null. */
export const tracedPacketSchema = z
  .object({
    at: z.string().meta({ description: 'ISO 8601, UTC, with nanoseconds' }),
    worker: z.int(),
    verdict: z.string(),
    reason: z.string().nullable().meta({ description: 'why it was dropped or left to the kernel' }),
    protocol: z.string().nullable().meta({ description: 'this and the next four: of the flow, as received' }),
    source: z.string().nullable(),
    sourcePort: z.int().nullable(),
    destination: z.string().nullable(),
    destinationPort: z.int().nullable(),
    vip: z.string().nullable().meta({ description: 'id of the VIP' }),
    as: z.string().nullable(),
    tracking: z
      .enum(['existing', 'first', 'untracked'])
      .nullable()
      .meta({ description: 'its flow was in the flow table, was entered now, or found no room' }),
    bucket: z.int().nullable().meta({ description: 'asked for new flows only' }),
    identity: z.string().nullable().meta({ description: '64 bits in hex, by which the flow table knows the flow' }),
    text: z.string().meta({ description: 'all of it, stage by stage, in lines' }),
    before: frameSchema.meta({ description: 'as received; null of one that was made here' }),
    after: frameSchema.meta({ description: 'as sent; null of one that was not' }),
  })
  .meta({ id: 'TracedPacket' });

export const traceSchema = z
  .object({
    records: z.array(tracedPacketSchema),
    missed: count.meta({ description: 'wanted packets that were left out, as they came too fast' }),
  })
  .meta({ id: 'Trace' });

export type TraceBody = DeepReadonly<z.output<typeof traceBody>>;
export type CaptureBody = DeepReadonly<z.output<typeof captureBody>>;
export type TracedPacket = DeepReadonly<z.output<typeof tracedPacketSchema>>;
export type Trace = DeepReadonly<z.output<typeof traceSchema>>;
