import type { Compiled } from '../compiled.js';
import { reportVerdicts, type VerdictReport } from '../verdict-report.js';
import { reportVips, type VipReport } from '../vip-report.js';
import type { Workers } from './workers.js';

/** All counters at one moment. */
export interface Snapshot {
  readonly atMs: number;
  readonly verdicts: VerdictReport;
  readonly vips: readonly VipReport[];
}

export function takeSnapshot({ vips }: Compiled, workers: Workers): Snapshot {
  const { counters } = workers;
  return {
    atMs: performance.now(),
    verdicts: reportVerdicts(counters),
    vips: reportVips(vips, counters, (slot) => workers.flowsOf(slot)),
  };
}

/** Flows of a VIP. */
export function flowsOfVip({ ass }: Pick<VipReport, 'ass'>): number {
  return ass.reduce((sum, { flows }) => sum + flows, 0);
}

/** Flows of all VIPs. */
export function flowsIn({ vips }: Snapshot): number {
  return vips.reduce((sum, vip) => sum + flowsOfVip(vip), 0);
}

/** How much a number grew a second between two snapshots; 0 when there is only one. */
export function perSecond(now: Snapshot, before: Snapshot, read: (snapshot: Snapshot) => number): number {
  const seconds = (now.atMs - before.atMs) / 1000;
  return seconds > 0 ? (read(now) - read(before)) / seconds : 0;
}
