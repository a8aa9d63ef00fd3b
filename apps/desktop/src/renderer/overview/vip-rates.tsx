import { describeVip } from '@lb/control';
import type { VipSample } from '@lb/control/client';
import { useMemo } from 'react';
import { useApp, useView } from '../stores/index.js';
import { formatBits, formatCount, formatRate, Panel, Table, type TableColumn } from '../ui/index.js';
import type { VipRate } from './rates.js';

interface Row {
  readonly vip: VipSample;
  readonly rate: VipRate | undefined;
}

/** Packets, bits and flows of every VIP; Enter opens its buckets. */
export function VipRates({ vips, rates }: { vips: readonly VipSample[]; rates: readonly VipRate[] | null }) {
  const { stores } = useApp();
  const selected = useView(({ vip }) => vip);
  const rows = useMemo(() => {
    const rateOf = new Map(rates?.map((rate) => [rate.id, rate]));
    return vips.map((vip): Row => ({ vip, rate: rateOf.get(vip.id) }));
  }, [vips, rates]);
  return (
    <Panel title="VIPs" tools={<span className="muted">Enter shows the buckets</span>}>
      <Table
        label="Rates of VIPs"
        columns={COLUMNS}
        rows={rows}
        keyOf={({ vip }) => vip.id}
        selected={selected === null ? new Set() : new Set([selected])}
        onSelect={(keys) => stores.view.getState().selectVip([...keys].at(-1) ?? null)}
        onOpen={({ vip }) => {
          stores.view.getState().selectVip(vip.id);
          stores.view.getState().show('buckets');
        }}
        maxRows={8}
      />
    </Panel>
  );
}

function flowsOf({ ass }: VipSample): number {
  return ass.reduce((sum, { flows }) => sum + flows, 0);
}

function failing({ ass }: VipSample): number {
  return ass.filter(({ health }) => health === 'failing').length;
}

function healthText(vip: VipSample): string {
  const bad = failing(vip);
  return bad === 0 ? `${formatCount(vip.ass.length)}` : `${formatCount(vip.ass.length)}, ${formatCount(bad)} failing`;
}

const NUMBER = { width: 'minmax(6rem, 1fr)', align: 'end' } as const;

const COLUMNS: readonly TableColumn<Row>[] = [
  {
    id: 'vip',
    head: 'VIP',
    width: 'minmax(12rem, 2fr)',
    cell: ({ vip: { prefix, protocol, port } }) => (
      <span className="mono">
        {describeVip({ prefix, ...(protocol !== null && { protocol }), ...(port !== null && { port }) })}
      </span>
    ),
    sortBy: ({ vip }) => vip.id,
  },
  {
    id: 'packets',
    head: 'packets',
    ...NUMBER,
    cell: ({ rate }) => formatRate(rate?.packets),
    sortBy: ({ rate }) => rate?.packets,
  },
  {
    id: 'bits',
    head: 'bits',
    ...NUMBER,
    cell: ({ rate }) => formatBits(rate?.bytes),
    sortBy: ({ rate }) => rate?.bytes,
  },
  {
    id: 'flows',
    head: 'flows',
    ...NUMBER,
    cell: ({ vip }) => formatCount(flowsOf(vip)),
    sortBy: ({ vip }) => flowsOf(vip),
  },
  {
    id: 'dropped',
    head: 'no server',
    ...NUMBER,
    cell: ({ vip }) => formatCount(vip.noServer),
    sortBy: ({ vip }) => vip.noServer,
  },
  {
    id: 'ass',
    head: 'ASs',
    ...NUMBER,
    cell: ({ vip }) => <span className={failing(vip) > 0 ? 'tone-bad' : ''}>{healthText(vip)}</span>,
    sortBy: ({ vip }) => failing(vip),
  },
];
