import { useMemo } from 'react';
import { type AsColor, NO_SERVER, type Rgb, rgbOf, type Theme } from '../colors/index.js';
import { useLive, vipsById } from '../stores/index.js';
import { type LegendRow, legendRows } from './bucket-line.js';
import { countBuckets, pairBuckets } from './bucket-pair.js';
import { type Reading, shadeBuckets, type Time } from './shade.js';
import { NO_TABLE, useLiveTable, useStagedTable } from './use-table.js';

/** The tables of a VIP side by side, with how long the one of now is; null until it was read. */
export function useBucketPair(vip: string | null) {
  const { table, error } = useLiveTable(vip);
  const staged = useStagedTable(vip);
  const isServed = useLive(({ latest }) => vip !== null && vipsById(latest?.vips).get(vip) !== undefined);
  // A VIP that is staged only has no table yet.
  const now = table ?? (isServed || staged === null ? null : NO_TABLE);
  const pair = useMemo(() => (now === null ? null : pairBuckets(now, staged)), [now, staged]);
  return { pair, error, servedLen: table === null ? null : table.buckets.length };
}

export type Pair = NonNullable<ReturnType<typeof useBucketPair>['pair']>;

/** The pixel of each bucket. */
export function useShades(
  pair: Pair,
  colors: ReadonlyMap<string, AsColor>,
  options: { reading: Reading; time: Time; theme: Theme; flows: Uint32Array | null; only: number | null },
): Uint32Array {
  const { reading, time, theme, flows, only } = options;
  return useMemo(() => {
    const shades = new Uint32Array(pair.newLen);
    const rgbs = pair.ass.map((address) => colorOf(colors.get(address), theme));
    shadeBuckets(pair, { reading, time, theme, flows, only, colors: rgbs }, shades);
    return shades;
  }, [pair, colors, reading, time, theme, flows, only]);
}

/** An AS that is just gone from the configuration may be in the table for a moment still. */
function colorOf(color: AsColor | undefined, theme: Theme): Rgb {
  return color === undefined ? NO_SERVER[theme] : rgbOf(color, theme);
}

export function useLegend(vip: string, pair: Pair): readonly LegendRow[] {
  const ass = useLive(({ latest }) => vipsById(latest?.vips).get(vip)?.ass);
  const counts = useMemo(() => {
    const staged = pair.staged && countBuckets(pair.staged, pair.ass.length);
    return { now: countBuckets(pair.now, pair.ass.length), staged };
  }, [pair]);
  return useMemo(() => {
    const weights = ass && new Map(ass.map(({ address, effectiveWeight }) => [address, effectiveWeight]));
    return legendRows(pair, counts, weights ?? null);
  }, [pair, counts, ass]);
}
