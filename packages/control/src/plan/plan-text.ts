import { problemText } from '../errors.js';
import { type Column, tableLines } from '../text-table.js';
import { describeVip } from '../vip-ref.js';
import { countOf, exact, percent } from './change-text.js';
import { movesTexts } from './moves-text.js';
import type { AsPlan, FlowCount, Plan, PlanChange, VipPlan } from './types.js';
import { wrapped } from './wrap.js';

/** More of one kind than fits a look is counted; the JSON form has everything. */
const CHANGES_SHOWN = 20;
const VIPS_DETAILED = 3;
const VIPS_NAMED = 10;
const ASS_SHOWN = 8;
const WARNINGS_SHOWN = 12;

/**
 * The plan for a terminal: what counts most first, nothing wider than `width` characters as long as words allow, and no
 * longer than can be read before saying yes.
 */
export function planText(plan: Plan, width = 80): string {
  const { changes, vips, warnings } = plan;
  if (changes.length === 0 && vips.length === 0) return 'nothing changes\n';
  const parts = [summaryLines(plan)];
  if (warnings.length > 0) {
    const lines = capped(warnings, WARNINGS_SHOWN, (problem) => wrapped(`! ${problemText(problem)}`, width - 2, 2));
    parts.push(['WARNINGS', ...indented(lines)]);
  }
  if (changes.length > 0) {
    const sorted = [...changes].sort((a, b) => URGENCY[a.kind] - URGENCY[b.kind]);
    const lines = capped(sorted, CHANGES_SHOWN, (change) => wrapped(changeLine(change), width - 2, 2));
    parts.push(['CHANGES', ...indented(lines)]);
  }
  const byWeight = [...vips].sort(byImportance);
  for (const vip of byWeight.slice(0, VIPS_DETAILED)) parts.push(vipLines(vip, width));
  const rest = byWeight.slice(VIPS_DETAILED);
  if (rest.length > 0) {
    const lines = capped(rest, VIPS_NAMED, (vip) => wrapped(vipLine(vip), width - 2, 2));
    parts.push(['LESS AFFECTED', ...indented(lines)]);
  }
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const URGENCY = { remove: 0, change: 1, add: 2 } as const;
const SIGNS = { remove: '-', change: '~', add: '+' } as const;

function changeLine({ kind, text }: PlanChange): string {
  return `${SIGNS[kind]} ${text}`;
}

function summaryLines({ changes, vips, flows }: Plan): string[] {
  const [most] = vips.filter(({ change }) => change === 'changed').sort((a, b) => b.share - a.share);
  const moves =
    most === undefined || most.moved === 0
      ? 'no bucket moves'
      : `${percent(most.share)} of the buckets of VIP ${describeVip(most.vip)} move${vips.length > 1 ? ', elsewhere less' : ''}`;
  return [
    changes.length === 0 ? 'the configuration stays as it is' : countOf(changes.length, 'change'),
    `established flows: ${flows === null ? 'not known' : flowsText(flows)}`,
    `new flows: ${moves}`,
  ];
}

function flowsText({ kept, cut }: FlowCount): string {
  return `${exact(kept)} kept, ${exact(cut)} cut`;
}

/** Cut flows, then VIPs that go, then the share that moves; those that come have nothing to lose. */
function byImportance(a: VipPlan, b: VipPlan): number {
  const rank = { removed: 0, changed: 1, added: 2 } as const;
  return (b.flows?.cut ?? 0) - (a.flows?.cut ?? 0) || rank[a.change] - rank[b.change] || b.share - a.share;
}

function vipLines(vip: VipPlan, width: number): string[] {
  const moves = vip.change === 'changed' ? movesTexts(vip.moves) : [];
  const body = [...assLines(vip), ...moves.flatMap((text) => wrapped(`moves ${text}`, width - 2, 6))];
  return [...wrapped(vipLine(vip), width, 2), ...indented(body)];
}

/** What becomes of a VIP, in one line. */
function vipLine({ vip, newLenBefore, newLenAfter, moved, buckets, share, flows, change }: VipPlan): string {
  const facts: string[] = [];
  if (change === 'changed') {
    if (newLenBefore !== newLenAfter) facts.push(`newLen ${newLenBefore} -> ${newLenAfter}`);
    facts.push(
      moved === 0 ? 'no bucket moves' : `${exact(moved)} of ${exact(buckets)} buckets move (${percent(share)})`,
    );
  } else {
    facts.push(`${change}, newLen ${change === 'added' ? newLenAfter : newLenBefore}`);
  }
  if (flows !== null && change !== 'added') facts.push(`flows ${flowsText(flows)}`);
  return `VIP ${describeVip(vip)}: ${facts.join('; ')}`;
}

function assLines(vip: VipPlan): string[] {
  if (vip.ass.length === 0) return ['no AS'];
  const { newLenBefore, newLenAfter } = vip;
  const sharesOf = (as: AsPlan) =>
    [as.bucketsBefore / (newLenBefore || 1), as.bucketsAfter / (newLenAfter || 1)] as const;
  const change = (as: AsPlan) => Math.abs(sharesOf(as)[0] - sharesOf(as)[1]);
  const cut = (as: AsPlan) => (as.fate === 'cut' ? (as.flows ?? 1) : 0);
  const sorted = [...vip.ass].sort((a, b) => cut(b) - cut(a) || change(b) - change(a));
  const rows = sorted.slice(0, ASS_SHOWN).map((as) => {
    const [before, after] = sharesOf(as).map(percent);
    const ideal = newLenAfter === 0 ? '-' : percent(as.idealAfter / newLenAfter);
    const fate = as.fate === 'none' ? '-' : as.fate;
    return [as.address, before!, after!, ideal, as.flows === null ? '-' : exact(as.flows), fate];
  });
  const left = sorted.length - rows.length;
  return [...tableLines(COLUMNS, rows), ...(left > 0 ? [`and ${countOf(left, 'more AS')}, less affected`] : [])];
}

const COLUMNS: readonly Column[] = [
  { title: 'AS', align: 'left' },
  { title: 'SHARE', align: 'right' },
  { title: 'THEN', align: 'right' },
  { title: 'IDEAL', align: 'right' },
  { title: 'FLOWS', align: 'right' },
  { title: 'FATE', align: 'left' },
];

function capped<T>(items: readonly T[], most: number, lines: (item: T) => readonly string[]): string[] {
  const shown = items.slice(0, items.length > most ? most - 1 : most);
  const left = items.length - shown.length;
  return [...shown.flatMap(lines), ...(left > 0 ? [`and ${exact(left)} more`] : [])];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
