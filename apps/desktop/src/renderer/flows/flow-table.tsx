import type { FlowView } from '@lb/control/client';
import { useMemo, useState } from 'react';
import { type AsColor, Swatch, type Theme, useColorsOf, useTheme } from '../colors/index.js';
import { formatCount, formatDuration, Table, type TableColumn } from '../ui/index.js';

interface FlowTableProps {
  readonly flows: readonly FlowView[];
  onOpen(flow: FlowView): void;
}

/** Flows as rows; Enter explains one. */
export function FlowTable({ flows, onOpen }: FlowTableProps) {
  const theme = useTheme();
  const colors = useColorsOf();
  const columns = useMemo(() => columnsOf(colors, theme), [colors, theme]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  return (
    <Table
      label="Established flows"
      columns={columns}
      rows={flows}
      keyOf={({ worker, identity, vip }) => `${worker} ${identity} ${vip}`}
      selected={selected}
      onSelect={setSelected}
      onOpen={onOpen}
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
    text('client', 'client', 'minmax(7rem, 2fr)', (flow) => endpoint(flow.client, flow.clientPort)),
    text('destination', 'destination', 'minmax(7rem, 2fr)', (flow) => endpoint(flow.destination, flow.destinationPort)),
    text('protocol', 'protocol', '4.5rem', ({ protocol }) => protocol ?? '?'),
    text('vip', 'VIP', 'minmax(5rem, 1fr)', ({ vip }) => vip),
    {
      id: 'as',
      head: 'AS',
      width: 'minmax(8rem, 1fr)',
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
      width: '5rem',
      align: 'end',
      cell: ({ bucket }) => formatCount(bucket),
      sortBy: ({ bucket }) => bucket,
    },
    {
      id: 'age',
      head: 'age',
      width: '4rem',
      align: 'end',
      cell: ({ ageSec }) => duration(ageSec),
      sortBy: ({ ageSec }) => ageSec,
    },
    {
      id: 'expires',
      head: 'expires in',
      width: '5.5rem',
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
