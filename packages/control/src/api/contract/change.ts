import * as z from 'zod';
import * as parts from './parts.js';

/** What all changes of the configuration have in common: they may say on which revision they are based, and why. */
export const CHANGE = { role: 'admin', ifMatch: 'optional', query: parts.noteQuery, checkedByModel: true } as const;

/** The answer of what has nothing to tell. */
export const done = z.strictObject({}).meta({ id: 'Done' });
