import { useMemo, useState } from 'react';
import {
  type Command,
  ratePair,
  useApp,
  useConfig,
  useLive,
  useOffer,
  useStaged,
  useView,
  useWanted,
} from '../stores/index.js';
import {
  Button,
  CommandBar,
  countOf,
  EmptyState,
  formatCount,
  formatPercent,
  formatRate,
  Menu,
  Table,
  type TableColumn,
} from '../ui/index.js';
import { AskVips, servesSomebody, vipLinesFor } from './ask-vips.js';
import { useRowCopy } from './clipboard.js';
import { named, runByKey } from './command-key.js';
import { useFileCommands } from './file-commands.js';
import { MarkBadge, rowClassOf } from './mark-badge.js';
import { clipVips } from './vip-clip.js';
import { type Asked, vipCommands } from './vip-commands.js';
import { VipDetail } from './vip-detail.js';
import { VipEditor } from './vip-editor.js';
import { markVips, matchesVip, type VipRow, vipRows } from './vip-rows.js';
import { VipsEditor } from './vips-editor.js';

export const NEW_VIP_TEXT = 'Add a VIP…';
export const SETTINGS_TEXT = 'Settings of the balancer…';

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
  const { actions, stores } = useApp();
  const [filter, setFilter] = useState('');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<'new' | 'edit' | Asked | null>(null);
  const close = () => setOpen(null);
  const shown = useMemo(() => (filter === '' ? rows : rows.filter((row) => matchesVip(row, filter))), [rows, filter]);
  const chosen = useMemo(
    () => (selected.size === 0 ? [] : shown.filter(({ id, mark }) => selected.has(id) && mark !== 'removing')),
    [shown, selected],
  );
  const ask = (what: Asked) => {
    if (what === 'flush' || servesSomebody(chosen)) setOpen(what);
    else actions.stageLines(vipLinesFor(what, chosen));
  };
  const can = vipCommands({ chosen, actions, onEdit: () => setOpen('edit'), onAsk: ask });
  const files = useFileCommands();
  const add: Command = { text: NEW_VIP_TEXT, shortcut: 'A', run: () => setOpen('new') };
  useOffer([add, ...(chosen.length > 0 ? named(can, countOf(chosen.length, 'VIP')) : [])]);
  useWanted('new-vip', () => setOpen('new'));
  useRowCopy(() =>
    chosen.length === 0 ? undefined : { types: clipVips(chosen.map(({ vip }) => vip)), count: chosen.length },
  );
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
        <Button
          title="Of the whole configuration: how long flows live, outer sources, tables"
          onClick={() => stores.view.getState().want('settings')}
        >
          Settings…
        </Button>
        <Menu label="Import" items={files.imports} />
        <Menu label="Export" items={files.exports} />
        <Button look="primary" shortcut="A" onClick={add.run}>
          Add a VIP…
        </Button>
      </header>
      {rows.length === 0 ? (
        <EmptyState title="There is no VIP yet">Add one, import a configuration, or paste command lines.</EmptyState>
      ) : (
        <>
          <div className="selection">
            <span className="muted">
              {chosen.length === 0
                ? 'Nothing selected. Shift and Ctrl select several.'
                : `${countOf(chosen.length, 'VIP')} selected`}
            </span>
            {chosen.length > 0 && (
              <CommandBar
                label="Selected VIPs"
                commands={[can.edit, can.remove]}
                more={[can.enable, can.drain, can.disable, can.flush]}
              />
            )}
          </div>
          <div className="table-box grow">
            <Table
              label="VIPs"
              columns={COLUMNS}
              rows={shown}
              keyOf={({ id }) => id}
              selected={selected}
              onSelect={setSelected}
              onOpen={({ id }) => onOpen(id)}
              onKey={(event) => runByKey(event, [add, ...Object.values(can)])}
              rowClass={(row) => rowClassOf(row)}
            />
          </div>
          {shown.length === 0 && <EmptyState title="No VIP matches the filter" />}
        </>
      )}
      {open === 'new' && <VipEditor onClose={close} />}
      {open === 'edit' && chosen.length === 1 && <VipEditor before={chosen[0]!.vip} onClose={close} />}
      {open === 'edit' && chosen.length > 1 && <VipsDialog rows={chosen} onClose={close} />}
      {(open === 'remove' || open === 'flush') && <AskVips what={open} rows={chosen} onClose={close} />}
    </>
  );
}

/** The VIPs of the moment when it was opened: rows come anew with every sample. */
function VipsDialog({ rows, onClose }: { readonly rows: readonly VipRow[]; onClose(): void }) {
  const [vips] = useState(() => rows.map(({ vip }) => vip));
  return <VipsEditor vips={vips} onClose={onClose} />;
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
    width: 'minmax(100px, 1fr)',
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
