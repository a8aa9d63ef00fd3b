import * as z from 'zod';
import { TCP_STATES } from './flows.js';
import { tokenNameSchema } from './tokens.js';

/** A whole number in a query or path; what is not one is named, not guessed at. */
function integer(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

const MAX_ID = Number.MAX_SAFE_INTEGER;
const vip = z
  .string()
  .max(80)
  .meta({ description: '90.0.0.0/8, or 90.1.2.1/32,tcp,80 (tcp, udp or any), percent-encoded' });
const address = z.string().max(64).meta({ description: 'of the AS' });
const number = integer(1, MAX_ID);
const note = z.string().max(1000).exactOptional().meta({ description: 'why, for the history' });

export const vipParams = z.strictObject({ vip });
export const asParams = z.strictObject({ vip, address });
export const revisionParams = z.strictObject({ number });
export const diffParams = z.strictObject({ from: number, to: number });
export const workerParams = z.strictObject({ worker: integer(0, 9999) });
export const tokenParams = z.strictObject({ name: tokenNameSchema });

export const noteQuery = z.strictObject({ note });
export const deleteAsQuery = z.strictObject({
  note,
  flush: z.enum(['true', 'false']).exactOptional().meta({ description: 'also cut its established flows' }),
});
export const historyQuery = z.strictObject({
  before: number.exactOptional().meta({ description: 'only revisions below this number' }),
  limit: integer(1, 1000).exactOptional().meta({ description: 'by default 50' }),
});
export const eventsQuery = z.strictObject({
  after: integer(0, MAX_ID).exactOptional().meta({ description: 'only events later than this id' }),
  limit: integer(1, 5000).exactOptional().meta({ description: 'by default 500' }),
});
export const flowsQuery = z.strictObject({
  vip: vip.exactOptional(),
  as: address.exactOptional(),
  client: z.string().max(64).exactOptional().meta({ description: 'prefix that holds the address of the client' }),
  state: z.enum(TCP_STATES).exactOptional().meta({ description: 'of a TCP connection' }),
  limit: integer(1, 10_000).exactOptional().meta({ description: 'by default 100' }),
  cursor: z.string().max(200).exactOptional().meta({ description: 'of the page before' }),
});
export const flowQuery = z.strictObject({
  flow: z.string().max(200).meta({ description: '198.51.100.1:1234 > 90.1.2.1:80/tcp' }),
});
/** The largest IP packet behind Ethernet and two VLAN tags. */
const FRAME_BYTES = 14 + 8 + 65_535;
export const packetBody = z.strictObject({
  packet: z
    .string()
    .max(2 * FRAME_BYTES)
    .regex(/^(?:[0-9a-fA-F]{2})+$/, 'must be the bytes of a packet, two hex digits each')
    .meta({ description: 'Ethernet frame in hex, without frame check sequence' }),
});
export const streamQuery = z.strictObject({
  interval: integer(100, 60_000)
    .exactOptional()
    .meta({ description: 'milliseconds between counters, by default 1000' }),
  counters: z.enum(['true', 'false']).exactOptional().meta({ description: 'by default true' }),
  events: z.enum(['true', 'false']).exactOptional().meta({ description: 'by default true' }),
  after: integer(0, MAX_ID).exactOptional().meta({ description: 'begin with the events later than this id' }),
});

export const execBody = z.strictObject({
  lines: z
    .array(
      z
        .string()
        .max(10_000)
        .regex(/^[^\r\n]*$/, 'must have no line break'),
    )
    .max(100_000)
    .meta({ description: 'one command each; all are applied or none' }),
  note,
});
export const newTokenBody = z.strictObject({ name: tokenNameSchema, role: z.enum(['admin', 'read']) });
