import * as z from 'zod';
import { configSchema } from '../../schema.js';
import { moment } from './common.js';
import type { DeepReadonly } from './deep-readonly.js';
import { problemSchema } from './problem.js';

export const revisionMetaSchema = z
  .object({
    number: z.int(),
    time: moment,
    author: z.string(),
    note: z.string(),
    hash: z.string().meta({ description: 'SHA-256 of the configuration in its canonical form' }),
  })
  .meta({ id: 'RevisionMeta' });

export const revisionSchema = z.object({ ...revisionMetaSchema.shape, config: configSchema }).meta({ id: 'Revision' });

/** The answer to a change. */
export const changedSchema = z
  .object({
    revision: revisionMetaSchema.meta({ description: 'the one that serves now; unchanged if nothing was changed' }),
    warnings: z.array(problemSchema),
  })
  .meta({ id: 'Changed' });

export const execAnswerSchema = z
  .object({
    output: z.string().meta({ description: 'text of the show lines, in their order' }),
    json: z.array(z.unknown()).meta({ description: 'the same as data, one element for each show line' }),
    warnings: z.array(problemSchema),
    revision: z.int(),
  })
  .meta({ id: 'ExecAnswer' });

export type ApiRevisionMeta = DeepReadonly<z.output<typeof revisionMetaSchema>>;
export type Changed = DeepReadonly<z.output<typeof changedSchema>>;
export type ExecAnswer = DeepReadonly<z.output<typeof execAnswerSchema>>;
