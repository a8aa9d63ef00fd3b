import type { AsTotals, VipTotals, WorkerGroup } from '@lb/dataplane';

const NO_VIP: VipTotals = { existing: 0, first: 0, untracked: 0, noServer: 0, natReturn: 0 };

/**
 * Counters of VIPs and ASs from when their slot became theirs: slots are reused, and the counters of workers only
 * grow. Nothing is written into the workers' memory, which they may be counting in at that moment.
 */
export class SlotCounters {
  private readonly vipsBefore = new Map<number, VipTotals>();
  private readonly assBefore = new Map<number, AsTotals>();
  private vipOwners = new Map<number, string>();
  /** VIP slots with a new owner, by the revision that brings it: until workers use it, they count for the old one. */
  private readonly changing = new Map<number, number>();

  constructor(private readonly group: WorkerGroup) {}

  /** Take note of who has which VIP slot in an image about to be published. */
  assignVips(owners: ReadonlyMap<number, string>, revision: number): void {
    for (const [slot, key] of owners) {
      const before = this.vipOwners.get(slot);
      if (before !== undefined && before !== key) this.changing.set(slot, revision);
    }
    // A slot that nobody has keeps its last owner: when it is handed out again its counters are another's.
    this.vipOwners = new Map([...this.vipOwners, ...owners]);
  }

  /** All workers use image `revision`. */
  acknowledged(revision: number): void {
    for (const [slot, since] of this.changing) {
      if (since > revision) continue;
      this.vipsBefore.set(slot, this.group.vip(slot));
      this.changing.delete(slot);
    }
  }

  /** Nothing counts for this AS slot any more; its next owner begins at zero. */
  releaseAs(slot: number): void {
    this.assBefore.set(slot, this.group.as(slot));
  }

  vip(slot: number): VipTotals {
    if (this.changing.has(slot)) return NO_VIP;
    return minus(this.group.vip(slot), this.vipsBefore.get(slot));
  }

  as(slot: number): AsTotals {
    return minus(this.group.as(slot), this.assBefore.get(slot));
  }
}

function minus<Totals extends object>(now: Totals, before: Totals | undefined): Totals {
  if (before === undefined) return now;
  const values = Object.entries(now).map(([name, value]) => [name, value - (before as Record<string, number>)[name]]);
  return Object.fromEntries(values) as Totals;
}
