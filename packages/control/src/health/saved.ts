import * as z from 'zod';
import type { DampingOptions } from './damping.js';

const savedStateSchema = z.object({
  health: z.enum(['healthy', 'failing', 'unknown']),
  since: z.iso.datetime(),
  /** Damping penalty at the time of saving. */
  penalty: z.number().min(0),
});

/**
 * What one process leaves to the next; plain JSON. The health in it is shown until something newer is known, but not acted
 * upon: the next process takes nothing down before it has probed it. Penalties go on decaying meanwhile.
 */
export const savedHealthSchema = z.object({
  version: z.literal(1),
  savedAt: z.iso.datetime(),
  /** By AS id. */
  states: z.record(z.string(), savedStateSchema),
});

export type SavedState = z.output<typeof savedStateSchema>;
export type SavedHealth = z.output<typeof savedHealthSchema>;

/** What is left of a penalty by now. */
export function penaltyNow(savedAt: string, penalty: number, damping: DampingOptions, nowWallMs: number): number {
  // A clock that was set back must not make penalties grow.
  const ageSec = Math.max(0, nowWallMs - Date.parse(savedAt)) / 1000;
  return penalty * 2 ** (-ageSec / damping.halfLifeSec);
}
