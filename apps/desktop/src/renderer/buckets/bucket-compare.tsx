import { useEffect, useId, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { type AsColor, assignColors, GROUND, Swatch, type Theme, useColorsOf, useTheme } from '../colors/index.js';
import { useHistory } from '../history/use-history.js';
import { useConfig, useStaged } from '../stores/index.js';
import { countOf, EmptyState, formatCount, formatPercent, Panel, Table, type TableColumn, Tabs } from '../ui/index.js';
import { BucketCanvas } from './bucket-canvas.js';
import { bucketFacts } from './bucket-line.js';
import { pairBuckets } from './bucket-pair.js';
import { comparedStates, parseState, type State, stateKey, stateText, usualRight } from './compared-states.js';
import { movesOfPair, type PairMove } from './moves-of-pair.js';
import { pixel } from './shade.js';
import { type Pair, useShades } from './use-bucket-map.js';
import { useStateTable } from './use-state-table.js';
import type { Viewport } from './viewport.js';

const READINGS = [
  { value: 'as', text: 'by AS' },
  { value: 'moved', text: 'moved only' },
] as const;

/** The buckets of a VIP in two states side by side. */
export function BucketCompare({ vip }: { readonly vip: string }) {
  const chosen = useStore(comparedStates);
  const { revisions } = useHistory();
  const current = useConfig(({ revision }) => revision);
  const isStaged = useStaged(({ edits }) => edits.length > 0);
  const numbers = useMemo(() => (revisions ?? []).map(({ number }) => number), [revisions]);
  const right = chosen.right ?? usualRight(isStaged, numbers, current);
  const left = chosen.left;
  const before = useStateTable(left, vip);
  const after = useStateTable(right, vip);
  const pair = useMemo(
    () => (before.table === null || after.table === null ? null : pairBuckets(before.table, after.table)),
    [before.table, after.table],
  );
  const error = before.error ?? after.error;
  const choices: readonly State[] = ['now', ...(isStaged ? (['staged'] as const) : []), ...numbers];
  const select = (side: 'left' | 'right', value: State | null) => (
    <label className="vip-select compare-select">
      <span className="muted">{side}</span>
      <select
        className="select"
        aria-label={`state on the ${side}`}
        value={stateKey(value)}
        onChange={(event) => comparedStates.setState({ [side]: parseState(event.target.value) })}
      >
        {value === null && <option value="">–</option>}
        {/* What was chosen may be gone since. */}
        {value !== null && !choices.includes(value) && <option value={stateKey(value)}>{stateText(value)}</option>}
        {choices.map((state) => (
          <option key={state} value={stateKey(state)}>
            {stateText(state)}
            {state === current ? ' (current)' : ''}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      <div className="compare-choice">
        {select('left', left)}
        {select('right', right)}
      </div>
      {right === null && (
        <EmptyState title="Nothing to compare with">
          Stage a change, or apply one: then there is another state.
        </EmptyState>
      )}
      {error !== null && <EmptyState title="No table to compare with">{error}</EmptyState>}
      {right !== null && error === null && pair === null && <EmptyState title="Reading the tables…" />}
      {right !== null && error === null && pair !== null && (
        <SideBySide key={vip} vip={vip} pair={pair} names={[stateText(left), stateText(right)]} />
      )}
    </>
  );
}

interface SideBySideProps {
  readonly vip: string;
  readonly pair: Pair;
  readonly names: readonly [left: string, right: string];
}

/** Two maps that are moved, zoomed and pointed at as one. */
function SideBySide({ vip, pair, names }: SideBySideProps) {
  const theme = useTheme();
  const colors = useAllColors(vip, pair);
  const [reading, setReading] = useState<'as' | 'moved'>('as');
  const [hovered, setHovered] = useState(-1);
  const [picked, setPicked] = useState(-1);
  const view = useState<Viewport | null>(null);
  const line = useId();
  useEffect(() => {
    setHovered(-1);
    setPicked(-1);
  }, [pair.newLen]);
  const options = { reading, theme, flows: null, only: null } as const;
  // On the right what moved comes forward, on the left where it was.
  const shades = [
    useShades(
      useMemo(() => turned(pair), [pair]),
      colors,
      { ...options, time: 'staged' },
    ),
    useShades(pair, colors, { ...options, time: 'staged' }),
  ];
  const moves = useMemo(() => movesOfPair(pair), [pair]);
  const shown = hovered >= 0 ? hovered : picked;
  return (
    <>
      <Panel
        title="Buckets side by side"
        tools={
          <>
            <Tabs<'as' | 'moved'> label="Colour of a bucket" options={READINGS} value={reading} onChange={setReading} />
            <span className="muted">
              {`${formatCount(pair.movedCount)} of ${countOf(pair.newLen, 'bucket')} differ (${formatPercent(pair.movedCount / pair.newLen)})`}
            </span>
          </>
        }
      >
        <div className="compare-panes">
          {names.map((name, side) => (
            <figure key={side === 0 ? 'left' : 'right'}>
              <figcaption>{name}</figcaption>
              <BucketCanvas
                label={`Buckets of ${vip}, ${name}. Arrow keys go through them, plus and minus zoom, 0 shows all.`}
                describedBy={line}
                shades={shades[side]!}
                marked={pair.moved}
                names={{ table: side === 0 ? pair.now : pair.staged!, ass: pair.ass }}
                ground={pixel(GROUND[theme])}
                frame={theme === 'dark' ? '#ffffff' : '#000000'}
                hovered={hovered}
                picked={picked}
                onHover={setHovered}
                onPick={setPicked}
                shared={view}
              />
            </figure>
          ))}
        </div>
        <p id={line} className="bucket-line" aria-live="polite">
          {shown < 0 || shown >= pair.newLen ? (
            <span className="muted">
              Buckets that differ have a hole where cells are large enough. Both maps move together; wheel or + and −
              zoom, 0 shows all.
            </span>
          ) : (
            <Facts pair={pair} bucket={shown} names={names} colors={colors} theme={theme} />
          )}
        </p>
      </Panel>
      <Moves moves={moves} colors={colors} theme={theme} newLen={pair.newLen} names={names} />
    </>
  );
}

/** The colours of the VIP; an AS of an old revision that is in no configuration now gets one of those that are left. */
function useAllColors(vip: string, pair: Pair): ReadonlyMap<string, AsColor> {
  const known = useColorsOf()(vip);
  return useMemo(() => {
    const others = pair.ass.filter((address) => !known.has(address));
    if (others.length === 0) return known;
    const all = assignColors([...known.keys(), ...others]);
    return new Map([...all, ...known]);
  }, [known, pair]);
}

/** The same pair seen from the other side. */
function turned(pair: Pair): Pair {
  return { ...pair, now: pair.staged!, staged: pair.now };
}

interface AsProps {
  readonly address: string | null;
  readonly colors: ReadonlyMap<string, AsColor>;
  readonly theme: Theme;
}

function As({ address, colors, theme }: AsProps) {
  return (
    <span className="bucket-as mono">
      {address !== null && <Swatch color={colors.get(address)} theme={theme} />} {address ?? 'no server'}
    </span>
  );
}

function Facts({
  pair,
  bucket,
  names,
  ...look
}: Pick<SideBySideProps, 'pair' | 'names'> & Omit<AsProps, 'address'> & { readonly bucket: number }) {
  const { now, staged } = bucketFacts(pair, bucket, null);
  return (
    <>
      bucket <strong>{formatCount(bucket)}</strong>: {names[0]} <As address={now} {...look} />,{' '}
      {now === staged ? (
        <>the same in {names[1]}</>
      ) : (
        <>
          {names[1]} <As address={staged!} {...look} />
        </>
      )}
    </>
  );
}

interface MovesProps extends Omit<AsProps, 'address'> {
  readonly moves: readonly PairMove[];
  readonly newLen: number;
  readonly names: readonly [left: string, right: string];
}

/** How many buckets go from which AS to which. */
function Moves({ moves, colors, theme, newLen, names }: MovesProps) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const columns = useMemo((): readonly TableColumn<PairMove>[] => {
    const side = (id: 'from' | 'to', head: string): TableColumn<PairMove> => ({
      id,
      head,
      width: 'minmax(10rem, 1fr)',
      cell: (move) => <As address={move[id]} colors={colors} theme={theme} />,
      sortBy: (move) => move[id] ?? '',
    });
    return [
      side('from', `from (${names[0]})`),
      side('to', `to (${names[1]})`),
      {
        id: 'buckets',
        head: 'buckets',
        width: '7rem',
        align: 'end',
        cell: ({ buckets }) => formatCount(buckets),
        sortBy: ({ buckets }) => buckets,
      },
      {
        id: 'part',
        head: 'of all',
        width: '7rem',
        align: 'end',
        cell: ({ buckets }) => formatPercent(buckets / newLen),
        sortBy: ({ buckets }) => buckets,
      },
    ];
  }, [colors, theme, newLen, names]);
  return (
    <Panel title="From which AS to which">
      {moves.length === 0 ? (
        <p className="muted">No bucket differs.</p>
      ) : (
        <Table
          label="Buckets that differ"
          columns={columns}
          rows={moves}
          keyOf={({ from, to }) => `${from} > ${to}`}
          selected={selected}
          onSelect={setSelected}
          maxRows={12}
        />
      )}
    </Panel>
  );
}
