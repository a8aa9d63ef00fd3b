import { describeVip, parseVipId } from '@lb/control';
import type { CountersSample } from '@lb/control/client';
import { assignColors, cssColor, rgbOf, type Theme } from '../colors/index.js';
import { type ChartLine, DASHES } from './chart.js';
import { type VipRate, vipRates } from './rates.js';

/** Lines that a chart can hold and still be read. */
export const MOST_LINES = 8;

/** The VIPs with most packets in the latest sample, which charts show; in configuration order. */
export function chartedVips({ vips }: CountersSample, rates: readonly VipRate[] | null): readonly string[] {
  const rateOf = new Map(rates?.map(({ id, packets }) => [id, packets ?? 0]));
  const byRate = vips.map(({ id }, place) => ({ id, place, rate: rateOf.get(id) ?? 0 }));
  byRate.sort((a, b) => b.rate - a.rate);
  const shown = byRate.slice(0, MOST_LINES).sort((a, b) => a.place - b.place);
  return shown.map(({ id }) => id);
}

/** A colour for each VIP, by the rules of those of ASs, and a pattern, which tells lines apart without it. */
export function vipLines(ids: readonly string[], theme: Theme): readonly ChartLine[] {
  const colors = assignColors(ids);
  return ids.map((id, i) => ({
    name: id,
    title: describeVip(parseVipId(id)),
    color: cssColor(rgbOf(colors.get(id)!, theme)),
    dash: DASHES[i % DASHES.length]!,
  }));
}

/** One value a VIP for each pair of samples. */
export function ratesOf(ids: readonly string[], value: (rate: VipRate) => number | null) {
  return (before: CountersSample, after: CountersSample): readonly (number | null)[] => {
    const rates = new Map(vipRates(before, after, ids).map((rate) => [rate.id, rate]));
    return ids.map((id) => {
      const rate = rates.get(id);
      return rate === undefined ? null : value(rate);
    });
  };
}
