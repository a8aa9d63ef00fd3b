import { useEffect, useId, useState } from 'react';
import { type AsColor, cssColor, GROUND, Swatch, type Theme, useColorsOf, useTheme } from '../colors/index.js';
import { Button, countOf, formatCount, formatPercent, formatTime, Panel, Tabs } from '../ui/index.js';
import { BucketCanvas } from './bucket-canvas.js';
import { BucketFlows } from './bucket-flows.js';
import { BucketLegend } from './bucket-legend.js';
import { bucketFacts } from './bucket-line.js';
import { HEAT, pixel, type Reading, type Time } from './shade.js';
import { type Pair, useLegend, useShades } from './use-bucket-map.js';
import { type FlowCounts, MOST_FLOWS, useFlowCounts } from './use-flow-counts.js';
import { takeWanted } from './wanted-bucket.js';
import './buckets.css';

const READINGS = [
  { value: 'as', text: 'by AS' },
  { value: 'flows', text: 'by flows' },
  { value: 'moved', text: 'moved' },
] as const;
const TIMES = [
  { value: 'now', text: 'now' },
  { value: 'staged', text: 'now → staged' },
] as const;

interface BucketMapProps {
  readonly vip: string;
  readonly pair: Pair;
  readonly servedLen: number | null;
  readonly legend: boolean;
  /** Address of the AS that comes forward unless one is selected in the legend. */
  readonly only: string | null;
}

/** Every bucket of a VIP as a map, with a legend that says the same in numbers. */
export function BucketMap({ vip, pair, servedLen, legend: hasLegend, only: onlyElsewhere }: BucketMapProps) {
  const theme = useTheme();
  const isStaged = pair.staged !== null;
  const [reading, setReading] = useState<Reading>('as');
  const [time, setTime] = useState<Time>('staged');
  const [onlyHere, setOnly] = useState<string | null>(null);
  const only = onlyHere ?? onlyElsewhere;
  const [hovered, setHovered] = useState(-1);
  const [picked, setPicked] = useState(-1);
  const flows = useFlowCounts(vip, servedLen);
  const line = useId();
  // Buckets of another table are other buckets.
  useEffect(() => {
    setHovered(-1);
    setPicked(takeWanted(vip, pair.newLen));
  }, [vip, pair.newLen]);
  const { list, listed, isLoading, error } = flows;
  // A bucket that came from another view has its flows listed as well.
  useEffect(() => {
    if (picked >= 0 && listed === null && !isLoading && error === null) list();
  }, [picked, listed, isLoading, error, list]);

  const shownReading = reading === 'moved' && !isStaged ? 'as' : reading;
  const shownTime = isStaged ? time : 'now';
  const counts = flows.counted?.counts ?? null;
  const colors = useColorsOf()(vip);
  const onlyIndex = only === null ? -1 : pair.ass.indexOf(only);
  const shades = useShades(pair, colors, {
    reading: shownReading,
    time: shownTime,
    theme,
    flows: counts,
    only: onlyIndex < 0 ? null : onlyIndex,
  });
  const legend = useLegend(vip, pair);
  const read = (next: Reading) => {
    setReading(next);
    if (next === 'flows' && flows.counted === null && !flows.isLoading) flows.load();
  };
  const shownBucket = hovered >= 0 ? hovered : picked;
  return (
    <>
      <Panel
        title="Buckets"
        tools={
          <>
            <Tabs
              label="Colour of a bucket"
              options={READINGS.filter(({ value }) => value !== 'moved' || isStaged)}
              value={shownReading}
              onChange={read}
            />
            {isStaged && <Tabs<Time> label="Which table" options={TIMES} value={shownTime} onChange={setTime} />}
            <span className="muted">{summaryText(pair)}</span>
          </>
        }
      >
        <BucketCanvas
          label={`Buckets of ${vip}. Arrow keys go through them, plus and minus zoom, 0 shows all, Enter lists flows.`}
          describedBy={line}
          shades={shades}
          marked={shownTime === 'staged' || shownReading === 'moved' ? pair.moved : null}
          names={{ table: shownTime === 'staged' ? pair.staged! : pair.now, ass: pair.ass }}
          ground={pixel(GROUND[theme])}
          frame={theme === 'dark' ? '#ffffff' : '#000000'}
          hovered={hovered}
          picked={picked}
          onHover={setHovered}
          onPick={setPicked}
        />
        <p id={line} className="bucket-line" aria-live="polite">
          {shownBucket < 0 || shownBucket >= pair.newLen ? (
            <span className="muted">
              Point at a bucket, or use the arrow keys. Wheel or + and − zoom, 0 shows all, Enter or a click lists its
              flows.
            </span>
          ) : (
            <BucketLine facts={bucketFacts(pair, shownBucket, counts)} colors={colors} theme={theme} />
          )}
        </p>
        {shownReading === 'flows' && counts !== null && <HeatScale counts={counts} theme={theme} />}
        {(shownReading === 'flows' || picked >= 0) && <FlowsLine flows={flows} />}
      </Panel>
      {picked >= 0 && flows.listed !== null && flows.counted !== null && (
        <BucketFlows bucket={picked} listed={flows.listed} newLen={flows.counted.counts.length} />
      )}
      {hasLegend && <BucketLegend rows={legend} colors={colors} theme={theme} only={only} onOnly={setOnly} />}
    </>
  );
}

/** Which colour is how many flows. */
function HeatScale({ counts, theme }: { readonly counts: Uint32Array; readonly theme: Theme }) {
  const { none, few, many } = HEAT[theme];
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const background = `linear-gradient(to right, ${cssColor(none)} 10%, ${cssColor(few)} 10%, ${cssColor(many)})`;
  return (
    <p className="heat muted">
      no flow <i aria-hidden="true" style={{ background }} /> {countOf(most, 'flow')}, the fullest bucket
    </p>
  );
}

function summaryText({ newLen, movedCount, staged }: Pair): string {
  if (staged === null) return countOf(newLen, 'bucket');
  return `${formatCount(movedCount)} of ${countOf(newLen, 'bucket')} move (${formatPercent(movedCount / newLen)})`;
}

interface LineProps {
  readonly facts: ReturnType<typeof bucketFacts>;
  readonly colors: ReadonlyMap<string, AsColor>;
  readonly theme: Theme;
}

function BucketLine({ facts, colors, theme }: LineProps) {
  const { bucket, now, staged, flows } = facts;
  const as = (address: string | null) => (
    <strong className="bucket-as">
      {address !== null && <Swatch color={colors.get(address)} theme={theme} />} {address ?? 'no server'}
    </strong>
  );
  return (
    <>
      bucket <strong>{formatCount(bucket)}</strong> → {as(now)}
      {staged === undefined ? '' : staged === now ? ' now and staged' : <> now, {as(staged)} staged</>}
      {flows !== null && ` · ${countOf(flows, 'flow')} here`}
    </>
  );
}

function FlowsLine({ flows }: { readonly flows: FlowCounts }) {
  const { counted, listed, at, isLoading, error, load, list } = flows;
  return (
    <p className="flows-line muted">
      {isLoading && 'Reading the flow tables… '}
      {error !== null && <span role="alert">Flows could not be read: {error} </span>}
      {counted !== null && (
        <>
          {listed?.complete === false && `Of the flows the first ${formatCount(MOST_FLOWS)} are listed. `}
          {counted.total === 0 && 'No flow is established. '}
          {counted.unknown > 0 && `The bucket of ${countOf(counted.unknown, 'flow')} is not known. `}
          Flows as of {formatTime(at!)}.{' '}
        </>
      )}
      {!isLoading && (
        <Button look="quiet" onClick={listed === null ? load : list}>
          Read again
        </Button>
      )}
    </p>
  );
}
