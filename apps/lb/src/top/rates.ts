import type { AsSample, CountersSample, VipSample } from '@lb/control/client';

/** What is counted of the whole balancer, of a VIP or of an AS. */
export type Counted = 'received' | 'forwarded' | 'punted' | 'dropped';

/** What happened per second between two samples; null: not known. */
export interface Rates {
  of(name: Counted): number | null;
  vip(vip: VipSample): number | null;
  asPackets(vip: VipSample, as: AsSample): number | null;
  asBytes(vip: VipSample, as: AsSample): number | null;
}

/** Rates are measured: without an earlier sample of the same process nothing is known. */
export function ratesBetween(before: CountersSample | undefined, now: CountersSample): Rates {
  // Of the daemon's own clock; it begins anew when the daemon does, and so do its counters.
  const seconds = before === undefined ? 0 : now.uptimeSec - before.uptimeSec;
  const vips = new Map(before?.vips.map((vip) => [vip.id, vip]));
  const perSecond = (then: number | undefined, count: number): number | null =>
    // A VIP or AS that was made anew counts from zero.
    then === undefined || seconds <= 0 || count < then ? null : (count - then) / seconds;
  const asBefore = (vip: VipSample, { address }: AsSample): AsSample | undefined =>
    vips.get(vip.id)?.ass.find((as) => as.address === address);
  return {
    of: (name) => perSecond(before?.[name], now[name]),
    vip: (vip) => {
      const then = vips.get(vip.id);
      return perSecond(then && packetsOf(then), packetsOf(vip));
    },
    asPackets: (vip, as) => perSecond(asBefore(vip, as)?.packets, as.packets),
    asBytes: (vip, as) => perSecond(asBefore(vip, as)?.bytes, as.bytes),
  };
}

function packetsOf({ existing, first, untracked, noServer }: VipSample): number {
  return existing + first + untracked + noServer;
}
