import { useMemo, useState } from 'react';
import { assignColors, cssColor, NO_SERVER, rgbOf, useColorsOf, useTheme } from '../colors/index.js';
import { Chart, type ChartLine, DASHES } from '../overview/chart.js';
import { useLive, vipsById } from '../stores/index.js';
import { formatCount, Panel, Tabs } from '../ui/index.js';
import { flowsOfAss, flowsOfVips, mostFlows, sumOf } from './flow-series.js';

/** Lines that a chart can hold and still be read. */
const MOST_LINES = 8;
const WINDOW_SEC = 300;
const LEAST_SEC = 30;

/** How many flows there were in the last minutes, by VIP or by AS. @param vip whose ASs are shown; null if there is no VIP */
export function FlowChart({ vip }: { readonly vip: string | null }) {
  const [by, setBy] = useState<'as' | 'vip'>('as');
  const isByAs = by === 'as' && vip !== null;
  const samples = useLive((state) => state.samples);
  const { lines, left } = useLines(isByAs ? vip : null);
  const names = lines.map(({ name }) => name);
  const key = names.join('\n');
  const series = useMemo(
    () => (isByAs ? flowsOfAss(samples, vip, names) : flowsOfVips(samples, names)),
    [samples, vip, isByAs, key],
  );
  const latest = samples.at(-1);
  if (latest === undefined) return null;
  const to = latest.receivedAt / 1000;
  const from = Math.min(to - LEAST_SEC, Math.max(samples[0]!.receivedAt / 1000, to - WINDOW_SEC));
  const what = isByAs ? `each AS of ${vip}` : 'each VIP';
  return (
    <Panel
      title={`Flows of ${what}`}
      tools={
        <>
          {left > 0 && <span className="muted">{`those with most; ${formatCount(left)} more are not drawn`}</span>}
          <Tabs<'as' | 'vip'>
            label="A line for each"
            options={[
              { value: 'as', text: 'by AS' },
              { value: 'vip', text: 'by VIP' },
            ]}
            value={isByAs ? 'as' : 'vip'}
            onChange={setBy}
          />
        </>
      }
    >
      <Chart
        label={`Flows of ${what} over the last minutes`}
        lines={lines}
        series={series}
        format={formatCount}
        from={from}
        to={to}
      />
    </Panel>
  );
}

/** The lines of a chart, and how many more there are. @param vip whose ASs have a line each; null: VIPs have */
function useLines(vip: string | null): { readonly lines: readonly ChartLine[]; readonly left: number } {
  const theme = useTheme();
  const colorsOf = useColorsOf();
  const latest = useLive((state) => state.latest);
  const all = useMemo(() => {
    if (latest === null) return { names: [], left: 0 };
    const parts =
      vip === null
        ? latest.vips.map((one) => ({ name: one.id, flows: sumOf(one) }))
        : (vipsById(latest.vips).get(vip)?.ass ?? []).map(({ address, flows }) => ({ name: address, flows }));
    const shown = mostFlows(parts, ({ flows }) => flows, MOST_LINES);
    return { names: shown.map(({ name }) => name), left: parts.length - shown.length };
  }, [latest, vip]);
  const key = all.names.join('\n');
  const lines = useMemo(() => {
    const names = key === '' ? [] : key.split('\n');
    const colors = vip === null ? assignColors(names) : colorsOf(vip);
    return names.map((name, i): ChartLine => {
      const color = colors.get(name);
      const rgb = color === undefined ? NO_SERVER[theme] : rgbOf(color, theme);
      return { name, color: cssColor(rgb), dash: DASHES[i % DASHES.length]! };
    });
  }, [key, vip, colorsOf, theme]);
  return { lines, left: all.left };
}
