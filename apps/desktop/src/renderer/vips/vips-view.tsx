import { type KeyboardEvent, useMemo, useState } from 'react';
import { ratePair, useApp, useConfig, useLive, useStaged, useView } from '../stores/index.js';
import { Button, EmptyState, formatCount, formatPercent, formatRate, Table, type TableColumn } from '../ui/index.js';
import { useRowClipboard } from './clipboard.js';
import { vipLines } from './command-rows.js';
import { exportFile, importFile } from './files.js';
import { MarkBadge, rowClassOf } from './mark-badge.js';
import { VipDetail } from './vip-detail.js';
import { VipEditor } from './vip-editor.js';
import { markVips, matchesVip, type VipRow, vipRows } from './vip-rows.js';

/** All VIPs, or the one that is selected. */
export function VipsView() {
  const { stores } = useApp();
  const rows = useVipRows();
  const selected = useView((state) => state.vip);
  const row = selected === null ? undefined : rows.find(({ id }) => id === selected);
  const select = (id: string | null) => stores.view.getState().selectVip(id);
  // Another VIP is another detail, with its own selection of ASs.
  if (row !== undefined) return <VipDetail key={row.id} row={row} onBack={() => select(null)} />;
  return <VipList rows={rows} onOpen={select} />;
}

function useVipRows(): readonly VipRow[] {
  const base = useConfig((state) => state.config);
  const staged = useStaged((state) => state.result);
  const samples = useLive((state) => state.samples);
  const marked = useMemo(() => (base === null ? [] : markVips(base, staged ?? base)), [base, staged]);
  return useMemo(() => vipRows(marked, samples.at(-1)?.sample ?? null, ratePair(samples)), [marked, samples]);
}

function VipList({ rows, onOpen }: { readonly rows: readonly VipRow[]; onOpen(id: string): void }) {
  const { bridge, actions, stores } = useApp();
  const [filter, setFilter] = useState('');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<VipRow | 'new' | null>(null);
  const shown = useMemo(() => (filter === '' ? rows : rows.filter((row) => matchesVip(row, filter))), [rows, filter]);
  const clipboard = useRowClipboard(() => {
    const chosen = shown.filter(({ id }) => selected.has(id));
    return chosen.length === 0 ? undefined : vipLines(chosen.map(({ vip }) => vip));
  });
  const onKey = (event: KeyboardEvent, row: VipRow | undefined) => {
    if (event.ctrlKey || event.metaKey || event.key !== 'e' || row === undefined || row.mark === 'removing')
      return false;
    setEditing(row);
    return true;
  };
  const save = (kind: 'yaml' | 'grammar') => {
    const config = stores.staged.getState().result;
    if (config !== null) void exportFile(bridge, actions, kind, config);
  };
  return (
    <>
      <header className="vip-head">
        <h1>VIPs</h1>
        <span className="muted">
          {shown.length === rows.length
            ? formatCount(rows.length)
            : `${formatCount(shown.length)} of ${formatCount(rows.length)}`}
        </span>
        <input
          className="input filter"
          type="search"
          placeholder="Filter by prefix, port, encap, AS"
          aria-label="Filter VIPs"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <span className="spacer" />
        <Button look="primary" onClick={() => setEditing('new')}>
          Add a VIP…
        </Button>
        <Button onClick={() => void importFile(bridge, actions, 'yaml')}>Import YAML…</Button>
        <Button onClick={() => void importFile(bridge, actions, 'grammar')}>Import lines…</Button>
        <Button onClick={() => save('yaml')}>Export YAML…</Button>
        <Button onClick={() => save('grammar')}>Export lines…</Button>
      </header>
      {rows.length === 0 ? (
        <EmptyState title="There is no VIP yet">Add one, import a configuration, or paste command lines.</EmptyState>
      ) : (
        <div className="table-box grow" {...clipboard}>
          <Table
            label="VIPs"
            columns={COLUMNS}
            rows={shown}
            keyOf={({ id }) => id}
            selected={selected}
            onSelect={setSelected}
            onOpen={({ id }) => onOpen(id)}
            onKey={onKey}
            rowClass={(row) => rowClassOf(row)}
          />
        </div>
      )}
      {editing !== null && (
        <VipEditor {...(editing !== 'new' && { before: editing.vip })} onClose={() => setEditing(null)} />
      )}
    </>
  );
}

const COLUMNS: readonly TableColumn<VipRow>[] = [
  {
    id: 'prefix',
    head: 'Prefix',
    width: 'minmax(170px, 2fr)',
    sortBy: ({ vip }) => vip.prefix,
    cell: ({ vip, mark }) => (
      <>
        <span className="mono">{vip.prefix}</span> <MarkBadge mark={mark} />
      </>
    ),
  },
  {
    id: 'port',
    head: 'Port',
    width: 'minmax(80px, 1fr)',
    sortBy: ({ vip }) => vip.port ?? 0,
    cell: ({ vip }) =>
      vip.port === undefined ? <span className="muted">all</span> : `${vip.protocol ?? 'tcp+udp'} ${vip.port}`,
  },
  {
    id: 'encap',
    head: 'Encap',
    width: 'minmax(56px, 0.7fr)',
    sortBy: ({ vip }) => vip.encap,
    cell: ({ vip }) => vip.encap,
  },
  {
    id: 'ass',
    head: 'ASs',
    width: 'minmax(96px, 1fr)',
    align: 'end',
    sortBy: ({ vip }) => vip.ass.length,
    cell: ({ vip, failing }) => (
      <>
        {failing !== null && failing > 0 && <span className="tone-bad">{formatCount(failing)} failing · </span>}
        {formatCount(vip.ass.length)}
      </>
    ),
  },
  column('newLen', 'Buckets', ({ vip }) => vip.newLen, formatCount),
  column('imbalance', 'Imbalance', ({ imbalance }) => (imbalance ? imbalance - 1 : null), formatPercent),
  column('flows', 'Flows', ({ flows }) => flows, formatCount),
  column('packets', 'Packets', ({ packetsPerSec }) => packetsPerSec, formatRate),
];

function column(
  id: string,
  head: string,
  read: (row: VipRow) => number | null,
  format: (value: number | null) => string,
): TableColumn<VipRow> {
  const cell = (row: VipRow) => <span title={formatCount(read(row))}>{format(read(row))}</span>;
  return { id, head, width: 'minmax(76px, 1fr)', align: 'end', sortBy: read, cell };
}
