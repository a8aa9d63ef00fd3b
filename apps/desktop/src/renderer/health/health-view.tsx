import { asId, describeVip } from '@lb/control';
import type { HealthView as CheckView } from '@lb/control/client';
import { useState } from 'react';
import {
  Badge,
  EmptyState,
  formatCount,
  formatDuration,
  formatMoment,
  Panel,
  Table,
  type TableColumn,
} from '../ui/index.js';
import { Timeline } from './timeline.js';
import { useHealth } from './use-health.js';
import './health.css';

/** The health checks with their last results, and what happened. */
export function HealthView() {
  const { checks, error } = useHealth();
  return (
    <>
      <div className="view-head">
        <h1>Health</h1>
        {checks !== null && <span className="muted">{summary(checks)}</span>}
      </div>
      {error !== null && <p role="alert" className="tone-bad">{`Checks could not be read: ${error}`}</p>}
      {checks !== null && <Checks checks={checks} />}
      <Timeline />
    </>
  );
}

function summary(checks: readonly CheckView[]): string {
  const failing = checks.filter(({ health }) => health === 'failing').length;
  return `${formatCount(checks.length)} checked, ${formatCount(failing)} failing`;
}

function Checks({ checks }: { readonly checks: readonly CheckView[] }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  if (checks.length === 0) {
    return (
      <EmptyState title="Nothing is checked">
        Give a VIP a health check, and servers that fail it get no new flows.
      </EmptyState>
    );
  }
  return (
    <Panel title="Checks">
      <Table
        label="Health checks"
        columns={COLUMNS}
        rows={checks}
        keyOf={({ vip, address }) => asId(vip, address)}
        selected={selected}
        onSelect={setSelected}
        maxRows={14}
      />
    </Panel>
  );
}

const TONES = { healthy: 'good', failing: 'bad', unknown: 'muted' } as const;
const ORDER = { failing: 0, unknown: 1, healthy: 2 } as const;

const COLUMNS: readonly TableColumn<CheckView>[] = [
  {
    id: 'as',
    head: 'AS',
    width: 'minmax(9rem, 1fr)',
    cell: ({ address }) => <span className="mono">{address}</span>,
    sortBy: ({ address }) => address,
  },
  {
    id: 'vip',
    head: 'VIP',
    width: 'minmax(10rem, 1fr)',
    cell: ({ vip }) => <span className="mono">{describeVip(vip)}</span>,
    sortBy: ({ vip }) => describeVip(vip),
  },
  { id: 'type', head: 'check', width: '4.5rem', cell: ({ type }) => type, sortBy: ({ type }) => type },
  {
    id: 'health',
    head: 'health',
    width: '8rem',
    cell: ({ health, flapping }) => (
      <Badge tone={TONES[health]}>
        {health}
        {flapping ? ', flapping' : ''}
      </Badge>
    ),
    sortBy: ({ health }) => ORDER[health],
  },
  {
    id: 'since',
    head: 'for',
    width: '5rem',
    align: 'end',
    cell: ({ since }) => <span title={formatMoment(since)}>{formatDuration(Date.now() - Date.parse(since))}</span>,
    sortBy: ({ since }) => -Date.parse(since),
  },
  {
    id: 'result',
    head: 'last result',
    width: 'minmax(12rem, 2fr)',
    cell: ({ lastResult }) => <LastResult result={lastResult} />,
    sortBy: ({ lastResult }) => lastResult?.reason,
  },
  {
    id: 'took',
    head: 'took',
    width: '5rem',
    align: 'end',
    cell: ({ lastResult }) => (lastResult === null ? '–' : `${lastResult.ms.toFixed(1)} ms`),
    sortBy: ({ lastResult }) => lastResult?.ms,
  },
  {
    id: 'row',
    head: 'in a row',
    width: '5rem',
    align: 'end',
    cell: ({ consecutive }) => formatCount(consecutive),
    sortBy: ({ consecutive }) => consecutive,
  },
  {
    id: 'failures',
    head: 'failed',
    width: '8rem',
    align: 'end',
    cell: ({ failures, checks }) => `${formatCount(failures)} of ${formatCount(checks)}`,
    sortBy: ({ failures, checks }) => (checks === 0 ? null : failures / checks),
  },
];

function LastResult({ result }: { readonly result: CheckView['lastResult'] }) {
  if (result === null) return <span className="muted">not checked yet</span>;
  const { at, ok, reason, local } = result;
  const text = reason === '' ? (ok ? 'ok' : 'failed') : reason;
  return (
    <span className={ok ? 'tone-good' : 'tone-bad'} title={`${formatMoment(at)}: ${text}`}>
      {text}
      {local ? ' (on this side)' : ''}
    </span>
  );
}
