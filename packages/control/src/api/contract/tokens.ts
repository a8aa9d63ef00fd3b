import * as z from 'zod';
import { moment } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';

export const roleSchema = z.enum(['admin', 'read']);
export type Role = z.output<typeof roleSchema>;

export const tokenNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/,
    'must be 1 to 64 letters, digits and . _ @ -, the first a letter or digit',
  )
  .meta({ description: 'who uses the token; changes are noted under this name' });

export const tokenViewSchema = z
  .object({ name: z.string(), role: roleSchema, createdAt: moment })
  .meta({ id: 'Token' });

export const newTokenSchema = z
  .object({
    ...tokenViewSchema.shape,
    token: z.string().meta({ description: 'shown this once: only its hash is kept' }),
  })
  .meta({ id: 'NewToken' });

export type TokenView = DeepReadonly<z.output<typeof tokenViewSchema>>;
export type NewToken = DeepReadonly<z.output<typeof newTokenSchema>>;
