import { type AsConfig, describeVip, vipId, vipRefOf } from '@lb/control';
import { useMemo, useState } from 'react';
import { VipBuckets } from '../buckets/index.js';
import {
  flushVipLine,
  ratePair,
  removeVipLine,
  useApp,
  useConfig,
  useLive,
  useStaged,
  vipsById,
} from '../stores/index.js';
import {
  Badge,
  Button,
  countOf,
  EmptyState,
  Figure,
  formatCount,
  formatPercent,
  formatShort,
  Panel,
} from '../ui/index.js';
import { AsEditor } from './as-editor.js';
import { asRows } from './as-rows.js';
import { AsTable } from './as-table.js';
import { BulkBar } from './bulk-bar.js';
import { ConfirmName } from './confirm-name.js';
import { VipEditor } from './vip-editor.js';
import type { VipRow } from './vip-rows.js';

type Open = 'edit' | 'remove' | 'flush' | readonly AsConfig[] | null;

/** One VIP: its numbers, its ASs, and what can be done to it. */
export function VipDetail({ row, onBack }: { readonly row: VipRow; onBack(): void }) {
  const { actions } = useApp();
  const { vip, mark } = row;
  const rows = useAsRows(row.id);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const ref = vipRefOf(vip);
  const name = describeVip(ref);
  const chosen = rows.filter(({ address, mark: ofAs }) => selected.has(address) && ofAs !== 'removing');
  const isGone = mark === 'removing';
  // Only what serves has something to lose.
  const remove = () => {
    if (mark === 'adding' || vip.ass.length === 0) actions.stageLines([removeVipLine(ref)]);
    else setOpen('remove');
  };
  return (
    <>
      <header className="vip-head">
        <Button look="quiet" onClick={onBack}>
          ← VIPs
        </Button>
        <h1>{name}</h1>
        <span className="muted">
          {vip.encap} · {formatCount(vip.newLen)} buckets · {countOf(vip.ass.length, 'AS')}
        </span>
        {mark !== null && <Badge tone={isGone ? 'bad' : 'accent'}>{mark}</Badge>}
        <span className="spacer" />
        <Button disabled={isGone} onClick={() => setOpen('edit')}>
          Edit VIP…
        </Button>
        <Button disabled={isGone || mark === 'adding'} onClick={() => setOpen('flush')}>
          Flush…
        </Button>
        <Button look="danger" disabled={isGone} onClick={remove}>
          Remove VIP…
        </Button>
      </header>
      <VipFigures row={row} />
      <Panel
        title="Application servers"
        tools={
          <>
            <BulkBar vip={ref} chosen={chosen} onEdit={() => setOpen(chosen.map(({ as }) => as))} />
            <Button disabled={isGone} onClick={() => setOpen([])}>
              Add…
            </Button>
          </>
        }
      >
        {rows.length === 0 ? (
          <EmptyState title="This VIP has no application servers">
            Its packets are dropped until one is added.
          </EmptyState>
        ) : (
          <AsTable
            vip={vip}
            rows={rows}
            selected={selected}
            onSelect={setSelected}
            onEdit={(edited) => setOpen(edited.map(({ as }) => as))}
          />
        )}
      </Panel>
      <VipBuckets vip={row.id} />
      {open === 'edit' && <VipEditor before={vip} onClose={close} />}
      {Array.isArray(open) && <AsEditor vip={ref} ass={open} onClose={close} />}
      {open === 'remove' && (
        <ConfirmName
          title={`Remove VIP ${name}`}
          text={`It serves ${formatCount(row.flows)} flows. On Apply they end, and packets to it are dropped.`}
          name={vip.prefix}
          action="Stage the removal"
          onConfirm={() => actions.stageLines([removeVipLine(ref)])}
          onClose={close}
        />
      )}
      {open === 'flush' && (
        <ConfirmName
          title={`Flush VIP ${name}`}
          text={`On Apply its ${formatCount(row.flows)} established flows are balanced anew; those that get another AS break.`}
          name={vip.prefix}
          action="Stage the flush"
          onConfirm={() => actions.stageLines([flushVipLine(ref)])}
          onClose={close}
        />
      )}
    </>
  );
}

function VipFigures({ row }: { readonly row: VipRow }) {
  const healthy = row.failing === null ? null : row.vip.ass.length - row.failing;
  return (
    <div className="figures">
      <Figure label="Packets" value={formatShort(row.packetsPerSec)} unit="/s" />
      <Figure label="Flows" value={formatCount(row.flows)} />
      <Figure
        label="Imbalance"
        value={row.imbalance === null || row.imbalance === 0 ? '–' : formatPercent(row.imbalance - 1, 2)}
        title="How far the fullest AS exceeds its share of the buckets"
      />
      {row.vip.check !== undefined && (
        <Figure label="Not failing" value={formatCount(healthy)} unit={`of ${formatCount(row.vip.ass.length)}`} />
      )}
    </div>
  );
}

function useAsRows(id: string) {
  const base = useConfig((state) => state.config);
  const staged = useStaged((state) => state.result);
  const samples = useLive((state) => state.samples);
  return useMemo(() => {
    const [before, after] = [base, staged ?? base].map((config) => config?.vips.find((vip) => vipId(vip) === id));
    const sample = vipsById(samples.at(-1)?.sample.vips).get(id);
    return asRows(before, after, { sample, rates: ratePair(samples), id, now: Date.now() });
  }, [base, staged, samples, id]);
}
