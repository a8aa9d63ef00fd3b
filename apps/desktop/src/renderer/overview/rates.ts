import type { CountersSample, VipSample } from '@lb/control/client';
import { type TimedSample, vipsById } from '../stores/index.js';

/** What happened per second between two samples; null: not known, which is not 0. */
export interface VipRate {
  readonly id: string;
  readonly packets: number | null;
  /** IP length as received. */
  readonly bytes: number | null;
}

/** Points of a chart: x in seconds since 1970, and for each series a value, or null where nothing is known. */
export interface Series {
  readonly x: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
}

/** Packets of a VIP, whatever became of them. */
export function vipPackets({ existing, first, untracked, noServer }: VipSample): number {
  return existing + first + untracked + noServer;
}

/** Bytes of a VIP's packets that went to an AS, as received (IP length). */
export function vipBytes({ ass }: VipSample): number {
  return ass.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Seconds of the daemon's clock between two samples; null if it began anew meanwhile, as its counters did. */
export function secondsBetween(before: CountersSample, after: CountersSample): number | null {
  const seconds = after.uptimeSec - before.uptimeSec;
  return seconds > 0 ? seconds : null;
}

/** Growth of a counter per second; null: one side is not known, or it began anew. */
export function perSecond(
  before: number | undefined,
  after: number | undefined,
  seconds: number | null,
): number | null {
  if (before === undefined || after === undefined || seconds === null || after < before) return null;
  return (after - before) / seconds;
}

/**
 * Packets and bytes per second of VIPs of the later sample.
 * @param ids of these only; by default of all
 */
export function vipRates(before: CountersSample, after: CountersSample, ids?: readonly string[]): readonly VipRate[] {
  const seconds = secondsBetween(before, after);
  const then = vipsById(before.vips);
  const now = vipsById(after.vips);
  const vips = ids === undefined ? after.vips : ids.flatMap((id) => now.get(id) ?? []);
  return vips.map((vip) => {
    const was = then.get(vip.id);
    return {
      id: vip.id,
      packets: perSecond(was && vipPackets(was), vipPackets(vip), seconds),
      bytes: was && sameAss(was, vip) ? perSecond(vipBytes(was), vipBytes(vip), seconds) : null,
    };
  });
}

/** Bytes are counted by AS: with another set of ASs their sum says nothing. */
function sameAss(a: VipSample, b: VipSample): boolean {
  return a.ass.length === b.ass.length && a.ass.every(({ address }, i) => address === b.ass[i]!.address);
}

/**
 * A rate over time, one point for each pair of samples that follow each other.
 * @param rates of a pair, one for each series; null where not known
 */
export function rateSeries(
  samples: readonly TimedSample[],
  rates: (before: CountersSample, after: CountersSample) => readonly (number | null)[],
  count: number,
): Series {
  const points = samples.slice(1).map(({ sample }, i) => rates(samples[i]!.sample, sample));
  return {
    x: samples.slice(1).map(({ receivedAt }) => receivedAt / 1000),
    values: Array.from({ length: count }, (_, k) => points.map((point) => point[k] ?? null)),
  };
}

/** Dropped packets by reason, with how fast they come; most first. */
export function dropRates(
  before: CountersSample | undefined,
  after: CountersSample,
): readonly { reason: string; packets: number; rate: number | null }[] {
  const seconds = before === undefined ? null : secondsBetween(before, after);
  const drops = Object.entries(after.droppedBy).map(([reason, packets]) => ({
    reason,
    packets,
    // A reason that was not met before is not in the sample before.
    rate: before === undefined ? null : perSecond(before.droppedBy[reason] ?? 0, packets, seconds),
  }));
  return drops.filter(({ packets }) => packets > 0).sort((a, b) => b.packets - a.packets);
}
