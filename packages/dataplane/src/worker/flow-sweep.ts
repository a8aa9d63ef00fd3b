import type { FlowTable } from '@lb/core';
import type { FlowState } from '../image/lifetimes.js';

/** Lines looked at in one step at most (about 60 µs), so that packets do not wait for it. */
const MAX_STEP_LINES = 4096;
/** Half a percent of a core. A pass over a table that is too large for this takes longer. */
const MAX_LINES_PER_MS = 200;

/** Live flows as of the last pass over a table. */
export interface FlowCounts {
  /** By the low 24 bits of their value. */
  readonly values: Float64Array;
  /** By state: {@link FlowState}, shifted down. */
  readonly states: Float64Array;
}

/** Walks a flow table piece by piece, clears what has expired, and counts the live flows. */
export class FlowSweep {
  private readonly counting: FlowCounts | undefined;
  private readonly linesPerMs: number;
  private line = 0;
  private sinceMs: number;

  /**
   * @param passMs how long a pass takes, so that its cost is spread evenly
   * @param published written after each pass; flows are not counted if absent
   */
  constructor(
    private readonly table: FlowTable,
    passMs: number,
    nowMs: number,
    private readonly published?: FlowCounts,
  ) {
    this.counting = published && {
      values: new Float64Array(published.values.length),
      states: new Float64Array(published.states.length),
    };
    this.linesPerMs = Math.min(table.lines / passMs, MAX_LINES_PER_MS);
    this.sinceMs = nowMs;
  }

  /** Whether the next step begins a pass. */
  get atStart(): boolean {
    return this.line === 0;
  }

  /**
   * Goes on for as long as time has passed.
   * @param tick the dataplane's clock
   * @param values values in use: all are below this number
   * @returns whether this step completed a pass
   */
  step(nowMs: number, tick: number, values: number): boolean {
    const due = Math.floor((nowMs - this.sinceMs) * this.linesPerMs);
    if (due === 0) return false;
    // What exceeds one step is not caught up on: the pass takes longer.
    this.sinceMs = nowMs;
    const { lines } = this.table;
    const count = Math.min(due, MAX_STEP_LINES, lines - this.line);
    this.table.sweep(this.line, count, tick, this.counting?.values, this.counting?.states);
    this.line += count;
    if (this.line < lines) return false;
    this.line = 0;
    this.publish(values);
    return true;
  }

  /** Only the values in use: the arrays have room for every value there can be. */
  private publish(values: number): void {
    const { counting, published } = this;
    if (counting === undefined || published === undefined) return;
    move(counting.values, published.values, Math.min(values, published.values.length));
    move(counting.states, published.states, published.states.length);
  }
}

function move(from: Float64Array, to: Float64Array, count: number): void {
  for (let k = 0; k < count; k++) {
    to[k] = from[k];
    from[k] = 0;
  }
}
