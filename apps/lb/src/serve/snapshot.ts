import type { Config } from '@lb/control';
import { vipReports } from '../daemon/answers.js';
import type { Daemon } from '../daemon/daemon.js';
import { reportVerdicts, type VerdictReport } from '../verdict-report.js';
import type { VipReport } from '../vip-report.js';

/** All counters at one moment. */
export interface Snapshot {
  readonly atMs: number;
  readonly verdicts: VerdictReport;
  readonly vips: readonly VipReport[];
}

/** A snapshot and the configuration whose VIPs are in it, in its order. */
export interface Sample {
  readonly config: Config;
  readonly snapshot: Snapshot;
}

export function takeSample(daemon: Daemon): Sample {
  const verdicts = reportVerdicts(daemon.dataplane.supervisor.group.counters);
  return { config: daemon.config, snapshot: { atMs: performance.now(), verdicts, vips: vipReports(daemon) } };
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
