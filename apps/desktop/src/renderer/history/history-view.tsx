import type { Config } from '@lb/control';
import type { ApiRevisionMeta } from '@lb/control/client';
import { useMemo, useState } from 'react';
import { callApi, useApp, useConfig, useConnection } from '../stores/index.js';
import { Button, countOf, EmptyState, formatMoment, Panel, Table, type TableColumn } from '../ui/index.js';
import { type Compared, comparedBy } from './compared.js';
import { useDifference, useHistory } from './use-history.js';
import './history.css';

/** The revisions, what lies between two of them, and the way back to one. */
export function HistoryView() {
  const { revisions, error } = useHistory();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const compared = useMemo(() => comparedBy(selected, revisions ?? []), [selected, revisions]);
  const chosen = selected.size === 1 ? Number([...selected][0]) : null;
  if (error !== null) return <EmptyState title="The history could not be read">{error}</EmptyState>;
  if (revisions === null) return <EmptyState title="Reading the history…" />;
  return (
    <>
      <div className="view-head">
        <h1>History</h1>
        <span className="muted">{countOf(revisions.length, 'revision')}</span>
      </div>
      <Panel title="Revisions" tools={<span className="muted">Ctrl or Shift selects two to compare</span>}>
        <Table
          label="Revisions"
          columns={COLUMNS}
          rows={revisions}
          keyOf={({ number }) => String(number)}
          selected={selected}
          onSelect={setSelected}
          maxRows={12}
        />
      </Panel>
      {compared !== null && <DifferencePanel compared={compared} />}
      {compared === null && chosen !== null && (
        <p className="muted">Revision {chosen} is the first one that is kept: there is none to compare it with.</p>
      )}
      {chosen !== null && <Rollback number={chosen} />}
    </>
  );
}

const COLUMNS: readonly TableColumn<ApiRevisionMeta>[] = [
  {
    id: 'number',
    head: 'revision',
    width: '6rem',
    align: 'end',
    cell: ({ number }) => number,
    sortBy: ({ number }) => number,
  },
  {
    id: 'time',
    head: 'made',
    width: 'minmax(14rem, 1fr)',
    cell: ({ time }) => formatMoment(time),
    sortBy: ({ time }) => Date.parse(time),
  },
  {
    id: 'author',
    head: 'by',
    width: 'minmax(8rem, 1fr)',
    cell: ({ author }) => author,
    sortBy: ({ author }) => author,
  },
  { id: 'note', head: 'note', width: 'minmax(12rem, 3fr)', cell: ({ note }) => note, sortBy: ({ note }) => note },
];

const SIGNS = { add: '+', remove: '−', change: '~' } as const;
const TONES = { add: 'tone-good', remove: 'tone-bad', change: 'tone-warn' } as const;

function DifferencePanel({ compared }: { readonly compared: Compared }) {
  const { changes, error } = useDifference(compared);
  return (
    <Panel title={`From revision ${compared.from} to ${compared.to}`}>
      {error !== null && <p role="alert" className="tone-bad">{`The difference could not be read: ${error}`}</p>}
      {changes?.length === 0 && <p className="muted">Both have the same configuration.</p>}
      {changes !== null && (
        <ul className="difference mono">
          {changes.map(({ kind, path, text }) => (
            <li key={`${kind} ${path}`} className={TONES[kind]} title={path}>
              {SIGNS[kind]} {text}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** The way back is a change like any other: staged, seen, and then applied. */
function Rollback({ number }: { readonly number: number }) {
  const { bridge, stores, actions } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const current = useConfig(({ revision }) => revision);
  const stage = async () => {
    if (daemon === null) return;
    const answer = await callApi(bridge, daemon, 'getRevision', { params: { number: String(number) } });
    if (!answer.ok) return actions.say(`Revision ${number} could not be read: ${answer.error.message}`);
    const config = answer.value.config as Config;
    const problems = actions.stage({ kind: 'replace', title: `Back to revision ${number}`, config });
    if (problems.length > 0) return actions.say(`Revision ${number} cannot be staged: ${problems[0]!.message}`);
    stores.view.getState().show('staged');
  };
  if (number === current) return <p className="muted">Revision {number} is the current one.</p>;
  return (
    <div>
      <Button onClick={() => void stage()}>Stage the configuration of revision {number}</Button>
    </div>
  );
}
