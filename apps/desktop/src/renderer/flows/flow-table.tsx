import type { FlowView } from '@lb/control/client';
import { useMemo } from 'react';
import { type AsColor, Swatch, type Theme, useColorsOf, useTheme } from '../colors/index.js';
import { formatCount, formatDuration, Table, type TableColumn } from '../ui/index.js';
import { STATE_TEXTS } from './flow-query.js';

interface FlowTableProps {
  readonly flows: readonly FlowView[];
  readonly selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
  onOpen(flow: FlowView): void;
  onBucket(flow: FlowView): void;
}

export function flowKey({ worker, identity, vip }: FlowView): string {
  return `${worker} ${identity} ${vip}`;
}

/** Flows as rows; Enter explains one, B shows its bucket. */
export function FlowTable({ flows, selected, onSelect, onOpen, onBucket }: FlowTableProps) {
  const theme = useTheme();
  const colors = useColorsOf();
  const columns = useMemo(() => columnsOf(colors, theme), [colors, theme]);
  return (
    <Table
      label="Established flows"
      columns={columns}
      rows={flows}
      keyOf={flowKey}
      selected={selected}
      onSelect={onSelect}
      onOpen={onOpen}
      onKey={(event, flow) => {
        if (event.key !== 'b' || event.ctrlKey || event.metaKey || event.altKey || flow === undefined) return false;
        onBucket(flow);
        return true;
      }}
    />
  );
}

function columnsOf(
  colors: (vip: string) => ReadonlyMap<string, AsColor>,
  theme: Theme,
): readonly TableColumn<FlowView>[] {
  const text = (id: string, head: string, width: string, value: (flow: FlowView) => string): TableColumn<FlowView> => ({
    id,
    head,
    width,
    cell: (flow) => (
      <span className="mono" title={value(flow)}>
        {value(flow)}
      </span>
    ),
    sortBy: value,
  });
  return [
    text('client', 'client', 'minmax(7rem, 1.7fr)', (flow) => endpoint(flow.client, flow.clientPort)),
    text('destination', 'destination', 'minmax(7rem, 2fr)', (flow) => endpoint(flow.destination, flow.destinationPort)),
    text('protocol', 'protocol', '4.5rem', ({ protocol }) => protocol ?? '?'),
    text('vip', 'VIP', 'minmax(7.5rem, 1fr)', ({ vip }) => vip),
    {
      id: 'as',
      head: 'AS',
      width: 'minmax(6.5rem, 1fr)',
      cell: ({ vip, as }) => (
        <span className="bucket-as mono" title={as}>
          <Swatch color={colors(vip).get(as)} theme={theme} /> {as}
        </span>
      ),
      sortBy: ({ as }) => as,
    },
    {
      id: 'bucket',
      head: 'bucket',
      width: '4.25rem',
      align: 'end',
      cell: ({ bucket }) => formatCount(bucket),
      sortBy: ({ bucket }) => bucket,
    },
    {
      id: 'state',
      head: 'state',
      width: '6rem',
      cell: ({ state }) => (state === null ? '–' : <span title={STATE_TEXTS[state]}>{state}</span>),
      sortBy: ({ state }) => state,
    },
    {
      id: 'age',
      head: 'age',
      width: '3.5rem',
      align: 'end',
      cell: ({ ageSec }) => duration(ageSec),
      sortBy: ({ ageSec }) => ageSec,
    },
    {
      id: 'expires',
      head: 'expires in',
      width: '5rem',
      align: 'end',
      cell: ({ expiresInSec }) => duration(expiresInSec),
      sortBy: ({ expiresInSec }) => expiresInSec,
    },
  ];
}

function endpoint(address: string | null, port: number | null): string {
  if (address === null) return '?';
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function duration(seconds: number | null): string {
  return formatDuration(seconds === null ? null : seconds * 1000);
}
