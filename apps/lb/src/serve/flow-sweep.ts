import type { FlowTable } from '@lb/core';

/** A whole pass takes about this long, so that its cost is spread evenly. */
const PASS_MS = 500;
/** Lines looked at in one step at most: a table that is too large for the pass takes longer. */
const MAX_STEP_LINES = 4096;

/**
 * Walks a flow table piece by piece, clears what has expired, and publishes how many live flows each value has after
 * every full pass.
 */
export class FlowSweep {
  private readonly counting: Float64Array;
  private line = 0;
  private lastMs: number;

  /** @param published live flows by value; overwritten after each pass */
  constructor(
    private readonly table: FlowTable,
    private readonly published: Float64Array,
    nowMs: number,
  ) {
    this.counting = new Float64Array(published.length);
    this.lastMs = nowMs;
  }

  /** Goes on for as long as time has passed. @param tick the dataplane's clock */
  step(nowMs: number, tick: number): void {
    const { lines } = this.table;
    const due = Math.floor(((nowMs - this.lastMs) * lines) / PASS_MS);
    if (due === 0) return;
    this.lastMs = nowMs;
    const count = Math.min(due, MAX_STEP_LINES, lines - this.line);
    this.table.sweep(this.line, count, tick, this.counting);
    this.line += count;
    if (this.line < lines) return;
    this.line = 0;
    this.published.set(this.counting);
    this.counting.fill(0);
  }
}
