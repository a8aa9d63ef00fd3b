import type { AsSample, VipSample } from '../api/contract/counters.js';

/** How many VIPs and servers have series of their own. */
export interface SeriesLimits {
  readonly vips: number;
  /** Of all VIPs together. */
  readonly ass: number;
}

export const SERIES_LIMITS: SeriesLimits = { vips: 1000, ass: 4000 };

/** The name of what is folded. Parentheses: no VIP and no address is written so. */
export const OTHERS = '(others)';

/** What series are made of. */
export interface AsSeries extends AsSample {
  readonly folded: boolean;
}

export interface VipSeries extends Omit<VipSample, 'ass'> {
  readonly ass: readonly AsSeries[];
  /** Of the healthy, the failing and the unknown servers, folded ones included. */
  readonly healths: Readonly<Record<AsSample['health'], number>>;
  readonly folded: boolean;
}

export interface Folded {
  readonly vips: readonly VipSeries[];
  readonly foldedVips: number;
  readonly foldedAss: number;
}

/** Adds up what is beyond the limits: a monitoring system must not be filled by one balancer. */
export function foldSeries(vips: readonly VipSample[], limits: SeriesLimits): Folded {
  let left = limits.ass;
  let foldedAss = 0;
  const own = vips.slice(0, limits.vips).map((vip): VipSeries => {
    const shown = vip.ass.slice(0, left);
    const rest = vip.ass.slice(left);
    left -= shown.length;
    foldedAss += rest.length;
    const ass: AsSeries[] = shown.map((as) => ({ ...as, folded: false }));
    if (rest.length > 0) ass.push(addAss(rest));
    return { ...vip, ass, healths: healthsOf(vip.ass), folded: false };
  });
  const rest = vips.slice(limits.vips);
  foldedAss += rest.reduce((sum, { ass }) => sum + ass.length, 0);
  return { vips: rest.length > 0 ? [...own, addVips(rest)] : own, foldedVips: rest.length, foldedAss };
}

function addVips(vips: readonly VipSample[]): VipSeries {
  const sum = (read: (vip: VipSample) => number) => vips.reduce((total, vip) => total + read(vip), 0);
  const ass = vips.flatMap((vip) => vip.ass);
  return {
    ...vips[0]!,
    id: OTHERS,
    newLen: sum(({ newLen }) => newLen),
    imbalance: Math.max(...vips.map(({ imbalance }) => imbalance)),
    existing: sum(({ existing }) => existing),
    first: sum(({ first }) => first),
    untracked: sum(({ untracked }) => untracked),
    noServer: sum(({ noServer }) => noServer),
    natReturn: sum(({ natReturn }) => natReturn),
    ass: ass.length > 0 ? [addAss(ass)] : [],
    healths: healthsOf(ass),
    folded: true,
  };
}

function addAss(ass: readonly AsSample[]): AsSeries {
  const sum = (read: (as: AsSample) => number | null) => ass.reduce((total, as) => total + (read(as) ?? 0), 0);
  const counted = (read: (as: AsSample) => number | null) => (ass.some((as) => read(as) === null) ? null : sum(read));
  return {
    ...ass[0]!,
    address: OTHERS,
    weight: sum(({ weight }) => weight),
    effectiveWeight: sum(({ effectiveWeight }) => effectiveWeight),
    packets: sum(({ packets }) => packets),
    bytes: sum(({ bytes }) => bytes),
    first: counted(({ first }) => first),
    untracked: counted(({ untracked }) => untracked),
    flows: sum(({ flows }) => flows),
    buckets: sum(({ buckets }) => buckets),
    folded: true,
  };
}

function healthsOf(ass: readonly AsSample[]): VipSeries['healths'] {
  const healths = { healthy: 0, failing: 0, unknown: 0 };
  for (const { health } of ass) healths[health]++;
  return healths;
}
