import * as z from 'zod';
import type { DeepReadonly } from './deep-readonly.js';

/** Something wrong (or odd) with a request or a configuration, with where it stands as far as that is known. */
export const problemSchema = z
  .object({
    code: z.string().meta({ description: 'stable code, LB_…' }),
    message: z.string().meta({ description: 'names the field, the value and what would be accepted' }),
    path: z.string().exactOptional().meta({ description: 'place in the document, as vips[2].ass[0].weight' }),
    hint: z.string().exactOptional().meta({ description: 'what to do next' }),
    line: z.int().exactOptional().meta({ description: 'of a command line, from 1' }),
    column: z.int().exactOptional().meta({ description: 'of a command line, from 1' }),
  })
  .meta({ id: 'Problem' });

/** The body of every answer with a status from 400: the first problem, and all there are, the first included. */
export const errorAnswerSchema = z
  .object({
    error: z.object({
      ...problemSchema.shape,
      problems: z.array(problemSchema),
      revision: z.int().exactOptional().meta({ description: 'with status 412 the current revision' }),
      requestId: z.string().exactOptional().meta({ description: 'with status 5xx; the daemon logs it' }),
    }),
  })
  .meta({ id: 'Error' });

export type ApiProblem = DeepReadonly<z.output<typeof problemSchema>>;
export type ErrorAnswer = DeepReadonly<z.output<typeof errorAnswerSchema>>;
