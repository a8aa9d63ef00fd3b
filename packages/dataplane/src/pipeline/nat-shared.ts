import { ENTRIES_PER_LINE, type FlowTable } from '@lb/core';

/**
 * What one worker may read in another's NAT sessions while that one writes, and what it writes so that others may read.
 * The steps by which a key stays unique are in docs/workers.md.
 *
 * The value word is the door of an entry: its other words are written before it is stored, and read after it was
 * loaded. Atomics make every thread see stores and loads of value words in one order, which the steps rest on.
 */

/** Set in the value of an entry that others must respect, but not use. */
export const SESSION_TENTATIVE = 0x2000000;

/** Words of an entry from its position (packages/core/src/flow-table.ts). */
const HI = ENTRIES_PER_LINE;
const VALUE = 3 * ENTRIES_PER_LINE;

/** Position of an entry of a table that another thread may be writing, tentative ones too; or -1. */
export function findShared(table: FlowTable, lo: number, hi: number, now: number): number {
  const first = table.firstLine(lo, hi);
  let at = inLine(table, first, lo, hi, now);
  if (at < 0) at = inLine(table, table.secondLine(lo, hi), lo, hi, now);
  // It may have been moved from the second line to the first meanwhile.
  return at >= 0 ? at : inLine(table, first, lo, hi, now);
}

function inLine(table: FlowTable, line: number, lo: number, hi: number, now: number): number {
  const { words } = table;
  for (let at = line; at < line + ENTRIES_PER_LINE; at++) {
    if (Atomics.load(words, at + VALUE) === 0 || words[at] !== lo || words[at + HI] !== hi) continue;
    if (((table.expiryAt(at) - now) | 0) > 0) return at;
  }
  return -1;
}

/** Whether an entry may be used, and all of it be read. */
export function isSettled(table: FlowTable, at: number): boolean {
  return (Atomics.load(table.words, at + VALUE) & SESSION_TENTATIVE) === 0;
}

/** Store an entry's value when its other words are written: 0 takes it away. */
export function settle(table: FlowTable, at: number, value: number): void {
  Atomics.store(table.words, at + VALUE, value);
}
