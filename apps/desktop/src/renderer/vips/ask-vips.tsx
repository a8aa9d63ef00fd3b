import { describeVip, vipRefOf } from '@lb/control';
import { flushVipLine, removeVipLine, useApp } from '../stores/index.js';
import { countOf, formatCount } from '../ui/index.js';
import { ConfirmName } from './confirm-name.js';
import type { Asked } from './vip-commands.js';
import type { VipRow } from './vip-rows.js';

export interface AskVipsProps {
  readonly what: Asked;
  readonly rows: readonly VipRow[];
  onClose(): void;
}

/** Asks for the name before VIPs that serve are removed or flushed. */
export function AskVips({ what, rows, onClose }: AskVipsProps) {
  const { actions } = useApp();
  const lines = vipLinesFor(what, rows);
  const one = rows.length === 1 ? rows[0]! : undefined;
  const name = one === undefined ? countOf(rows.length, 'VIP') : describeVip(one.vip);
  const flows = rows.some((row) => row.flows === null)
    ? null
    : rows.reduce((sum, { flows: some }) => sum + (some ?? 0), 0);
  const text =
    what === 'remove'
      ? `${one === undefined ? 'They serve' : 'It serves'} ${formatCount(flows)} flows. On Apply they end, and packets to ${one === undefined ? 'these VIPs' : 'it'} are dropped.`
      : `On Apply ${formatCount(flows)} established flows are balanced anew; those that get another AS break.`;
  return (
    <ConfirmName
      title={`${what === 'remove' ? 'Remove' : 'Flush'} ${one === undefined ? name : `VIP ${name}`}`}
      text={text}
      name={one === undefined ? name : one.vip.prefix}
      action={what === 'remove' ? 'Stage the removal' : 'Stage the flush'}
      onConfirm={() => actions.stageLines(lines)}
      onClose={onClose}
    />
  );
}

/** The lines that remove or flush VIPs, those left out that are going or that have nothing to flush. */
export function vipLinesFor(what: Asked, rows: readonly VipRow[]): readonly string[] {
  const meant = rows.filter(({ mark }) => mark !== 'removing' && (what === 'remove' || mark !== 'adding'));
  return meant.map(({ vip }) => (what === 'remove' ? removeVipLine : flushVipLine)(vipRefOf(vip)));
}

/** Whether somebody could notice: what is only staged, or has no ASs, serves nobody. */
export function servesSomebody(rows: readonly VipRow[]): boolean {
  return rows.some(({ mark, vip }) => mark !== 'adding' && mark !== 'removing' && vip.ass.length > 0);
}
