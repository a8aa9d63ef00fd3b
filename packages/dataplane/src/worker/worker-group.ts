import { type AsTotals, Counters, type VipTotals, type WorkerTotals } from '../counters.js';
import { FlowState } from '../image/lifetimes.js';
import type { ReasonName } from '../verdicts.js';
import type { WorkerMemory } from './worker-setup.js';
import { Gauge, Status, WORKER_STATE_NAMES, type WorkerStateName } from './worker-status.js';

/** How a worker is. Times and counts only grow, over all threads it has had; the busy share is the quotient of two differences. */
export interface WorkerLoad {
  readonly state: WorkerStateName;
  /** Milliseconds spent on packets. */
  readonly busyMs: number;
  readonly aliveMs: number;
  /** Times it went to sleep. */
  readonly waits: number;
  /** Packets that were not sent for want of room. */
  readonly unsent: number;
  /** Packets for the kernel that could not be handed over. */
  readonly unpunted: number;
  /** Threads started. */
  readonly starts: number;
}

/** What all workers have counted, added up. Reads shared memory: cheap, at any time, whatever state they are in. */
export class WorkerGroup {
  /** One for each worker. */
  readonly counters: readonly Counters[];

  constructor(private readonly memories: readonly WorkerMemory[]) {
    this.counters = memories.map(({ counters }) => new Counters(counters));
  }

  worker(): WorkerTotals {
    return added(this.counters.map((counters) => counters.worker()));
  }

  /** Packets by reason of drop or punt; reasons never met are left out. */
  reasons(): Partial<Record<ReasonName, number>> {
    return added(this.counters.map((counters) => counters.reasons()));
  }

  vip(slot: number): VipTotals {
    return added(this.counters.map((counters) => counters.vip(slot)));
  }

  as(slot: number): AsTotals {
    return added(this.counters.map((counters) => counters.as(slot)));
  }

  /** Live flows of an AS slot, as of each worker's last pass over its table (about half a second ago). */
  flows(asSlot: number): number {
    return this.memories.reduce((sum, { flowCounts }) => sum + flowCounts.values[asSlot + 1], 0);
  }

  /** Live entries of flow tables, of whatever AS, whose TCP connection opens or closes; as of when {@link flows} are. */
  flowStates(): { readonly opening: number; readonly closing: number } {
    const count = (state: FlowState) =>
      this.memories.reduce((sum, { flowCounts }) => sum + flowCounts.states[state >>> FlowState.SHIFT], 0);
    return { opening: count(FlowState.OPENING), closing: count(FlowState.CLOSING) };
  }

  /**
   * Whether every worker has counted its flows in a pass that began on image `revision` or a later one: then an AS
   * that this image leaves out and that has no flows will not get any.
   */
  hasCountedSince(revision: number): boolean {
    // 0 before the first pass: then there may be flows that another process has left, and none is counted.
    const least = Math.max(revision, 1);
    return this.memories.every(({ status }) => Atomics.load(status, Status.PASS_REVISION) >= least);
  }

  load(): WorkerLoad[] {
    return this.memories.map(({ status, gauges }) => ({
      state: WORKER_STATE_NAMES[Atomics.load(status, Status.STATE)],
      busyMs: gauges[Gauge.BUSY_MS],
      aliveMs: gauges[Gauge.ALIVE_MS],
      waits: gauges[Gauge.WAITS],
      unsent: gauges[Gauge.UNSENT],
      unpunted: gauges[Gauge.UNPUNTED],
      starts: Atomics.load(status, Status.STARTS),
    }));
  }

  /** Forget a slot's history before it is handed to another owner. */
  clearAs(slot: number): void {
    for (const counters of this.counters) counters.clearAs(slot);
  }

  clearVip(slot: number): void {
    for (const counters of this.counters) counters.clearVip(slot);
  }
}

/** Records of numbers, added field by field. */
function added<Totals extends object>(all: readonly Totals[]): Totals {
  const sum: Record<string, number> = {};
  for (const totals of all) {
    for (const [name, value] of Object.entries(totals)) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum as Totals;
}
