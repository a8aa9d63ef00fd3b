import type { Family } from './address.js';
import { LbError } from './errors.js';
import { formatPrefix, type Prefix } from './prefix.js';

/** One line of a prefix table. */
export interface LpmEntry {
  readonly prefix: Prefix;
  /** What a lookup returns: a whole number from 0 to `LPM_MAX_VALUE`. */
  readonly value: number;
}

export const LPM_MAX_VALUE = 0xffffff;

/** Refuses what a table can't hold; returns the entries with shorter prefixes first. */
export function checkLpmEntries(family: Family, entries: readonly LpmEntry[]): LpmEntry[] {
  const seen = new Set<string>();
  for (const { prefix, value } of entries) {
    const text = formatPrefix(prefix);
    if (prefix.address.family !== family) {
      throw new LbError('LB_LPM_FAMILY', `prefix ${text} does not belong into an IPv${family} table`);
    }
    if (!Number.isInteger(value) || value < 0 || value > LPM_MAX_VALUE) {
      throw new LbError('LB_LPM_VALUE', `prefix ${text}: value ${value} must be an integer from 0 to ${LPM_MAX_VALUE}`);
    }
    if (seen.has(text)) throw new LbError('LB_LPM_DUPLICATE_PREFIX', `prefix ${text} is named twice`);
    seen.add(text);
  }
  return [...entries].sort((a, b) => a.prefix.length - b.prefix.length);
}
