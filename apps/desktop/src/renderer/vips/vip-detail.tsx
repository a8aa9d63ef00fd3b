import { type AsConfig, describeVip, vipId, vipRefOf } from '@lb/control';
import { useMemo, useState } from 'react';
import { VipBuckets } from '../buckets/index.js';
import { type Command, ratePair, useApp, useConfig, useLive, useOffer, useStaged, vipsById } from '../stores/index.js';
import {
  Badge,
  Button,
  CommandBar,
  countOf,
  EmptyState,
  Figure,
  formatCount,
  formatPercent,
  formatShort,
  Menu,
  Panel,
} from '../ui/index.js';
import { asCommands } from './as-commands.js';
import { AsEditor } from './as-editor.js';
import { type AsRow, asRows, markAss } from './as-rows.js';
import { AsTable } from './as-table.js';
import { AskVips, servesSomebody, vipLinesFor } from './ask-vips.js';
import { named } from './command-key.js';
import { type Asked, vipCommands } from './vip-commands.js';
import { VipEditor } from './vip-editor.js';
import type { VipRow } from './vip-rows.js';

/** The dialog that is open; the ASs as they were when it was opened. */
type Open =
  | { readonly kind: 'vip' | Asked }
  | { readonly kind: 'ass'; readonly ass: readonly AsConfig[]; readonly state?: AsConfig['state'] | undefined };

/** One VIP: its numbers, its buckets, its ASs, and what can be done to it. */
export function VipDetail({ row, onBack }: { readonly row: VipRow; onBack(): void }) {
  const { actions } = useApp();
  const { vip, mark } = row;
  const rows = useAsRows(row.id);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const ref = vipRefOf(vip);
  const name = describeVip(ref);
  const isGone = mark === 'removing';
  const chosen = rows.filter(({ address, mark: ofAs }) => selected.has(address) && ofAs !== 'removing');
  const ask = (what: Asked) => {
    if (what === 'flush' || servesSomebody([row])) setOpen({ kind: what });
    else actions.stageLines(vipLinesFor(what, [row]));
  };
  const can = vipCommands({ chosen: [row], actions, onEdit: () => setOpen({ kind: 'vip' }), onAsk: ask });
  const edit = (ass: readonly AsRow[], state?: AsConfig['state']) =>
    setOpen({ kind: 'ass', ass: ass.map(({ as }) => as), state });
  const canAss = asCommands({
    vip: ref,
    chosen: chosen.map(({ address }) => address),
    isGone,
    actions,
    onAdd: () => edit([]),
    onEdit: (state) => edit(chosen, state),
  });
  const back: Command = { text: 'All VIPs', shortcut: 'Esc', run: onBack };
  useOffer([
    ...(chosen.length > 0 ? named(canAss, chosenText(chosen)).slice(1) : []),
    canAss.add,
    ...named(can, `VIP ${name}`),
    back,
  ]);
  return (
    <>
      <header className="vip-head">
        <Button look="quiet" onClick={onBack}>
          ← VIPs
        </Button>
        <h1>{name}</h1>
        <span className="muted">
          {vip.encap} · {countOf(vip.newLen, 'bucket')} · {countOf(vip.ass.length, 'AS')}
        </span>
        {mark !== null && <Badge tone={isGone ? 'bad' : 'accent'}>{mark}</Badge>}
        <span className="spacer" />
        <Button disabled={isGone} onClick={can.edit.run}>
          Edit VIP…
        </Button>
        <Menu
          label="More"
          disabled={isGone}
          items={[
            can.enable,
            can.drain,
            can.disable,
            can.flush,
            { ...can.remove, text: 'Remove VIP…', shortcut: undefined },
          ]}
        />
      </header>
      <VipFigures row={row} />
      <div className="vip-parts">
        <VipBuckets vip={row.id} legend={false} only={chosen.length === 1 ? chosen[0]!.address : null} />
        <Panel
          title={chosen.length === 0 ? 'Application servers' : chosenText(chosen)}
          tools={
            <>
              {chosen.length > 0 && (
                <CommandBar
                  label="Selected application servers"
                  commands={[canAss.edit, canAss.drain, canAss.remove]}
                  more={[canAss.enable, canAss.disable, canAss.drainUntil, canAss.flush]}
                />
              )}
              <Button shortcut="A" disabled={isGone} onClick={canAss.add.run}>
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
              onEdit={(row) => edit([row])}
              commands={[...Object.values(canAss), back]}
            />
          )}
        </Panel>
      </div>
      {open?.kind === 'vip' && <VipEditor before={vip} onClose={close} />}
      {open?.kind === 'ass' && <AsEditor vip={ref} ass={open.ass} state={open.state} onClose={close} />}
      {(open?.kind === 'remove' || open?.kind === 'flush') && <AskVips what={open.kind} rows={[row]} onClose={close} />}
    </>
  );
}

function chosenText(chosen: readonly AsRow[]): string {
  return chosen.length === 1 ? chosen[0]!.address : `${countOf(chosen.length, 'AS')} selected`;
}

function VipFigures({ row }: { readonly row: VipRow }) {
  const healthy = row.failing === null ? null : row.vip.ass.length - row.failing;
  return (
    <div className="figures">
      <Figure label="Packets" value={formatShort(row.packetsPerSec)} unit="/s" />
      <Figure label="Flows" value={formatCount(row.flows)} />
      <Figure label="First packets" value={formatShort(row.firstPerSec)} unit="/s" title="Packets that open flows" />
      <Figure
        label="Untracked"
        value={formatPercent(row.untracked)}
        title="Part of the packets whose flow had no room in the flow table"
      />
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
  const { vip, marked } = useMemo(() => {
    const [before, after] = [base, staged ?? base].map((config) => config?.vips.find((vip) => vipId(vip) === id));
    return { vip: after, marked: markAss(before, after) };
  }, [base, staged, id]);
  return useMemo(() => {
    const sample = vipsById(samples.at(-1)?.sample.vips).get(id);
    return asRows(marked, vip, { sample, rates: ratePair(samples), id, now: Date.now() });
  }, [vip, marked, samples, id]);
}
