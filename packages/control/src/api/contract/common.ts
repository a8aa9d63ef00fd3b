import * as z from 'zod';

/** A number of packets, bytes, flows, … since something began. */
export const count = z.number().min(0);
/** A moment, as `2026-11-22T18:45:02.120Z`. */
export const moment = z.string().meta({ description: 'ISO 8601, UTC', format: 'date-time' });
/** Numbers by name. */
export const counts = z.record(z.string(), count);

export const vipRefSchema = z
  .object({
    prefix: z.string(),
    protocol: z.enum(['tcp', 'udp']).exactOptional(),
    port: z.int().exactOptional(),
  })
  .meta({ id: 'VipRef', description: 'what names a VIP: prefix, and for a per-port VIP its port and protocol' });

export const healthSchema = z.enum(['healthy', 'failing', 'unknown']);
export const adminStateSchema = z.enum(['enabled', 'draining', 'disabled']);
export const weightReasonSchema = z.enum(['configured', 'ramp', 'draining', 'disabled', 'failing', 'panic', 'last-as']);
