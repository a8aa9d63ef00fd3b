import { memo, useMemo } from 'react';
import { type AsColor, Swatch, type Theme } from '../colors/index.js';
import { formatCount, formatPercent, Panel, Table, type TableColumn } from '../ui/index.js';
import type { LegendRow } from './bucket-line.js';

interface BucketLegendProps {
  readonly rows: readonly LegendRow[];
  readonly colors: ReadonlyMap<string, AsColor>;
  readonly theme: Theme;
  /** Address of the AS that comes forward in the map. */
  readonly only: string | null;
  onOnly(address: string | null): void;
}

/** Which colour is which AS, and how many buckets each has against what its weight asks for. */
export const BucketLegend = memo(function BucketLegend(props: BucketLegendProps) {
  const { rows, colors, theme, only, onOnly } = props;
  const hasStaged = rows.some(({ stagedBuckets }) => stagedBuckets !== null);
  const columns = useMemo(() => columnsOf(colors, theme, hasStaged), [colors, theme, hasStaged]);
  return (
    <Panel
      title="Share of the buckets"
      tools={<span className="muted">A selected AS comes forward in the map; Esc lets go</span>}
    >
      <Table
        label="Buckets by AS"
        columns={columns}
        rows={rows}
        keyOf={({ address }) => address}
        selected={only === null ? new Set() : new Set([only])}
        onSelect={(selected) => {
          const [address = null] = [...selected].slice(-1);
          onOnly(address === only && selected.size === 1 ? null : address);
        }}
        onKey={(event) => {
          if (event.key !== 'Escape' || only === null) return false;
          onOnly(null);
          return true;
        }}
        maxRows={12}
      />
    </Panel>
  );
});

function columnsOf(
  colors: ReadonlyMap<string, AsColor>,
  theme: Theme,
  hasStaged: boolean,
): readonly TableColumn<LegendRow>[] {
  const number = (
    id: string,
    head: string,
    value: (row: LegendRow) => number | null,
    text: (value: number | null) => string,
  ): TableColumn<LegendRow> => ({
    id,
    head,
    width: 'minmax(6rem, 1fr)',
    align: 'end',
    cell: (row) => text(value(row)),
    sortBy: value,
  });
  const address: TableColumn<LegendRow> = {
    id: 'address',
    head: 'AS',
    width: 'minmax(11rem, 2fr)',
    cell: (row) => (
      <span className="bucket-as mono">
        <Swatch color={colors.get(row.address)} theme={theme} /> {row.address}
      </span>
    ),
    sortBy: (row) => row.address,
  };
  return [
    address,
    number('buckets', 'buckets', ({ buckets }) => buckets, formatCount),
    number('share', 'share', ({ share }) => share, formatPercent),
    number('ideal', 'ideal', ({ ideal }) => ideal, formatPercent),
    number('imbalance', 'share / ideal', imbalanceOf, formatFactor),
    ...(hasStaged
      ? [
          number('staged', 'staged', ({ stagedBuckets }) => stagedBuckets, formatCount),
          number('change', 'change', ({ buckets, stagedBuckets }) => (stagedBuckets ?? 0) - buckets, formatChange),
        ]
      : []),
  ];
}

function imbalanceOf({ share, ideal }: LegendRow): number | null {
  return ideal === null || ideal === 0 ? null : share / ideal;
}

function formatFactor(factor: number | null): string {
  return factor === null ? formatCount(null) : factor.toFixed(4);
}

function formatChange(change: number | null): string {
  return change !== null && change > 0 ? `+${formatCount(change)}` : formatCount(change);
}
