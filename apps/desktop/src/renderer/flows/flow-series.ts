import type { VipSample } from '@lb/control/client';
import { type TimedSample, vipsById } from '../stores/index.js';

/** Points of a chart: x in seconds since 1970, and for each line a count, or null where it is not known. */
export interface FlowSeries {
  readonly x: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
}

/** Flows of each of the VIPs over time. */
export function flowsOfVips(samples: readonly TimedSample[], ids: readonly string[]): FlowSeries {
  return series(samples, ids, ({ sample }) => {
    const vips = vipsById(sample.vips);
    return (id) => {
      const vip = vips.get(id);
      return vip === undefined ? null : sumOf(vip);
    };
  });
}

/** Flows of each of the ASs of a VIP over time. */
export function flowsOfAss(samples: readonly TimedSample[], vip: string, addresses: readonly string[]): FlowSeries {
  return series(samples, addresses, ({ sample }) => {
    const ass = vipsById(sample.vips).get(vip)?.ass ?? [];
    const flows = new Map(ass.map((as) => [as.address, as.flows]));
    return (address) => flows.get(address) ?? null;
  });
}

/** Those with most flows in the latest sample, in the order of the configuration. */
export function mostFlows<T>(all: readonly T[], flows: (one: T) => number, most: number): readonly T[] {
  const shown = new Set([...all].sort((a, b) => flows(b) - flows(a)).slice(0, most));
  return all.filter((one) => shown.has(one));
}

/** Flows of a VIP. */
export function sumOf({ ass }: VipSample): number {
  return ass.reduce((sum, { flows }) => sum + flows, 0);
}

function series(
  samples: readonly TimedSample[],
  names: readonly string[],
  read: (sample: TimedSample) => (name: string) => number | null,
): FlowSeries {
  const points = samples.map((sample) => {
    const of = read(sample);
    return names.map(of);
  });
  return {
    x: samples.map(({ receivedAt }) => receivedAt / 1000),
    values: names.map((_, line) => points.map((point) => point[line]!)),
  };
}
