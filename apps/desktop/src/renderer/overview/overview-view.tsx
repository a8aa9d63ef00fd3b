import type { CountersSample } from '@lb/control/client';
import { useEffect, useMemo, useState } from 'react';
import { workerLoads } from '../app/worker-load.js';
import { useTheme } from '../colors/index.js';
import { ratePair, type TimedSample, useLive } from '../stores/index.js';
import {
  Button,
  EmptyState,
  Figure,
  formatBits,
  formatCount,
  formatPercent,
  formatRate,
  formatTime,
  Panel,
} from '../ui/index.js';
import { Chart } from './chart.js';
import { chartedVips, MOST_LINES, ratesOf, vipLines } from './charts.js';
import { DropsPanel, HealthPanel, WorkersPanel } from './overview-panels.js';
import { dropRates, perSecond, rateSeries, secondsBetween, type VipRate, vipRates } from './rates.js';
import { VipRates } from './vip-rates.js';
import './overview.css';

const WINDOW_SEC = 180;
const LEAST_SEC = 30;

/** What the balancer does just now, and did in the last minutes. */
export function OverviewView() {
  const live = useLive(({ samples }) => samples);
  const [paused, setPaused] = useState<readonly TimedSample[] | null>(null);
  const newest = live[0] === undefined ? null : live;
  // Samples of another daemon are no continuation.
  useEffect(() => {
    if (newest === null) setPaused(null);
  }, [newest]);
  const samples = paused ?? live;
  const latest = samples.at(-1);
  if (latest === undefined) {
    return <EmptyState title="No numbers yet">They come with the first sample of the daemon.</EmptyState>;
  }
  return (
    <>
      <div className="view-head">
        <h1>Overview</h1>
        <Button aria-pressed={paused !== null} onClick={() => setPaused(paused === null ? live : null)}>
          {paused === null ? 'Pause' : 'Go on'}
        </Button>
        {paused !== null && <span className="tone-warn">paused: numbers as of {timeText(latest)}</span>}
      </div>
      <Samples samples={samples} latest={latest} />
    </>
  );
}

function timeText({ receivedAt }: TimedSample): string {
  return formatTime(receivedAt);
}

function Samples({ samples, latest }: { samples: readonly TimedSample[]; latest: TimedSample }) {
  const { sample } = latest;
  const pair = useMemo(() => ratePair(samples), [samples]);
  const rates = useMemo(() => (pair === undefined ? null : vipRates(pair.before, pair.after)), [pair]);
  return (
    <>
      <Totals before={pair?.before} sample={sample} rates={rates} />
      <Charts samples={samples} latest={latest} rates={rates} />
      <VipRates vips={sample.vips} rates={rates} />
      <div className="overview-columns">
        <DropsPanel drops={dropRates(pair?.before, sample)} />
        <WorkersPanel workers={sample.workers} loads={workerLoads(samples)} />
        <HealthPanel vips={sample.vips} />
      </div>
    </>
  );
}

interface TotalsProps {
  readonly before: CountersSample | undefined;
  readonly sample: CountersSample;
  readonly rates: readonly VipRate[] | null;
}

function Totals({ before, sample, rates }: TotalsProps) {
  const seconds = before === undefined ? null : secondsBetween(before, sample);
  const rate = (name: 'received' | 'forwarded' | 'dropped'): number | null =>
    perSecond(before?.[name], sample[name], seconds);
  const bytes = sumKnown(rates?.map((vip) => vip.bytes));
  return (
    <div className="figures">
      <Figure label="Packets received" value={formatRate(rate('received'))} title={exact(sample.received)} />
      <Figure label="Packets forwarded" value={formatRate(rate('forwarded'))} title={exact(sample.forwarded)} />
      <Figure label="To servers" value={formatBits(bytes)} />
      <Figure
        label="Flows"
        value={formatCount(sample.flows)}
        unit={sample.flowCapacity === 0 ? '' : `${formatPercent(sample.flows / sample.flowCapacity, 0)} full`}
        title="Entries of the flow tables that are in use"
      />
      <Figure label="Packets dropped" value={formatRate(rate('dropped'))} title={exact(sample.dropped)} />
    </div>
  );
}

function exact(packets: number): string {
  return `${formatCount(packets)} packets since the daemon began`;
}

/** Null if nothing is known; what is not known of some is left out. */
function sumKnown(values: readonly (number | null)[] | undefined): number | null {
  const known = values?.filter((value) => value !== null) ?? [];
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** @param bits per second */
function formatBitRate(bits: number | null): string {
  return formatBits(bits === null ? null : bits / 8);
}

interface ChartsProps {
  readonly samples: readonly TimedSample[];
  readonly latest: TimedSample;
  readonly rates: readonly VipRate[] | null;
}

function Charts({ samples, latest, rates }: ChartsProps) {
  const theme = useTheme();
  const ids = chartedVips(latest.sample, rates);
  const key = ids.join('\n');
  const lines = useMemo(() => vipLines(key === '' ? [] : key.split('\n'), theme), [key, theme]);
  const [packets, bits] = useMemo(() => {
    const names = lines.map(({ name }) => name);
    return [
      rateSeries(
        samples,
        ratesOf(names, (rate) => rate.packets),
        names.length,
      ),
      rateSeries(
        samples,
        ratesOf(names, ({ bytes }) => (bytes === null ? null : bytes * 8)),
        names.length,
      ),
    ];
  }, [samples, lines]);
  if (lines.length === 0) return null;
  const to = latest.receivedAt / 1000;
  // A window that has just been opened need not be empty for minutes.
  const first = samples[0]!.receivedAt / 1000;
  const window = { lines, from: Math.min(to - LEAST_SEC, Math.max(first, to - WINDOW_SEC)), to };
  const left = latest.sample.vips.length - ids.length;
  const tools = left > 0 ? <span className="muted">the {MOST_LINES} busiest; all are in the table</span> : undefined;
  return (
    <div className="overview-columns">
      <Panel title="Packets per second" tools={tools}>
        <Chart
          label="Packets per second of each VIP over the last minutes"
          series={packets}
          format={formatRate}
          {...window}
        />
      </Panel>
      <Panel title="Bits per second">
        <Chart
          label="Bits per second of each VIP over the last minutes"
          series={bits}
          format={formatBitRate}
          {...window}
        />
      </Panel>
    </div>
  );
}
