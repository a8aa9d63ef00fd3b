import type { Encap } from '@lb/control';
import type { VipReport } from '../vip-report.js';
import type { Snapshot } from './snapshot.js';
import type { ViewModel } from './view.js';

/** A VIP whose ASs have the given weights and, for every unit of weight, 10 packets a second, 2 flows and 1 bucket. */
export function vipWith(prefix: string, weights: readonly number[], scale = 1): VipReport {
  const ass = weights.map((weight, i) => ({
    address: prefix.includes(':') ? `2001:db8::${i + 1}` : `10.0.0.${i + 1}`,
    weight,
    packets: weight * 10 * scale,
    bytes: weight * 1000 * scale,
    buckets: weight,
    flows: weight * 2,
  }));
  const packets = ass.reduce((sum, as) => sum + as.packets, 0);
  return {
    prefix,
    protocol: null,
    port: null,
    counters: { existing: packets, first: 0, untracked: 0, noServer: 0 },
    ass,
  };
}

/** A snapshot in which nothing was dropped. */
export function snapshotOf(atMs: number, vips: readonly VipReport[]): Snapshot {
  const packets = vips.reduce((sum, { counters }) => sum + counters.existing, 0);
  const none = { replied: 0, punted: 0, puntedBy: {}, dropped: {}, natReturn: 0 };
  return { atMs, vips, verdicts: { packets, forwarded: packets, ...none } };
}

/** A view of VIPs that began a second ago. */
export function modelOf(vips: Readonly<Record<string, readonly number[]>>, encap: Encap = 'gre4'): ViewModel {
  const at = (ms: number, scale: number) =>
    snapshotOf(
      ms,
      Object.entries(vips).map(([prefix, weights]) => vipWith(prefix, weights, scale)),
    );
  const encaps = Object.keys(vips).map(() => encap);
  return { title: 'test', workers: 1, uptimeSec: 83, encaps, before: at(1000, 0), now: at(2000, 1) };
}
