import { describeVip, type Encap } from '@lb/control';
import type { Colors } from '../streams.js';
import { bar, countText, durationText, exactText, percentText, plural } from '../text.js';
import { sumOf } from '../verdict-report.js';
import { packetsOf, type VipReport } from '../vip-report.js';
import { type AsColumns, asColumns, fitText } from './columns.js';
import { flowsIn, flowsOfVip, perSecond, type Snapshot } from './snapshot.js';

/** What the live view shows. */
export interface ViewModel {
  /** What is being balanced, as in `sample configuration`. */
  readonly title: string;
  readonly workers: number;
  readonly uptimeSec: number;
  /** Of the VIPs, in the order of the snapshots. */
  readonly encaps: readonly Encap[];
  readonly now: Snapshot;
  /** About a second earlier, for rates. */
  readonly before: Snapshot;
}

export interface ViewSize {
  readonly columns: number;
  readonly rows: number;
}

/** The lines of the live view: at most `rows`, none wider than `columns`. */
export function renderView(model: ViewModel, size: ViewSize, colors: Colors): string[] {
  const head = headLines(model, size.columns, colors);
  const foot = reasonLine(model, size.columns, colors);
  // One line for the titles of the columns.
  const room = size.rows - head.length - 1 - foot.length;
  return [...head, ...vipLines(model, size.columns, room, colors), ...foot].slice(0, size.rows);
}

function headLines({ title, workers, uptimeSec, now, before }: ViewModel, columns: number, colors: Colors): string[] {
  const name = fitText(`lb serve  ${title}, ${plural(workers, 'worker')}, up ${durationText(uptimeSec)}`, columns);
  const quit = 'q quits';
  const gap = columns - name.length - quit.length;
  const dropped = perSecond(now, before, ({ verdicts }) => sumOf(verdicts.dropped));
  const untracked = perSecond(now, before, ({ vips }) =>
    vips.reduce((sum, { counters }) => sum + counters.untracked, 0),
  );
  const totals = [
    `${countText(perSecond(now, before, ({ verdicts }) => verdicts.packets))} packets/s`,
    `${exactText(flowsIn(now))} flows`,
    `${countText(dropped)} dropped/s`,
    `${countText(untracked)} untracked/s`,
  ];
  return [
    colors.bold(name) + (gap >= 2 ? ' '.repeat(gap) + colors.dim(quit) : ''),
    fitText(totals.join('   '), columns),
  ];
}

/** Why packets were not forwarded, since the start. */
function reasonLine({ now }: ViewModel, columns: number, colors: Colors): string[] {
  const { dropped, puntedBy } = now.verdicts;
  const parts = Object.entries({ ...dropped, ...puntedBy }).map(
    ([reason, packets]) => `${reason} ${countText(packets)}`,
  );
  if (parts.length === 0) return [];
  return ['', colors.yellow(fitText(`not forwarded so far: ${parts.join(', ')}`, columns))];
}

function vipLines(model: ViewModel, columns: number, room: number, colors: Colors): string[] {
  const { vips } = model.now;
  if (vips.length === 0 || room <= 0) return [];
  // The last line says what is left out.
  const all = vips.length <= room;
  const shown = all ? vips.length : room - 1;
  const layout = asColumns(
    vips.slice(0, shown).flatMap(({ ass }) => ass),
    columns,
  );
  const counts = assShown(
    vips.slice(0, shown).map(({ ass }) => ass.length),
    all ? room - shown : 0,
  );
  // Blank lines between VIPs when there is room for everything.
  const spaced = sum(counts) + 2 * shown <= room && all;
  const lines = [...(spaced ? [''] : []), colors.dim(layout.titles())];
  for (let v = 0; v < shown; v++) {
    if (spaced && v > 0) lines.push('');
    lines.push(vipLine(model, v, layout, colors), ...assLines(model, v, counts[v]!, layout, colors));
  }
  if (!all) lines.push(colors.dim(fitText(`… and ${plural(vips.length - shown, 'more VIP', 'more VIPs')}`, columns)));
  return lines;
}

/**
 * How many lines of servers each VIP gets: all of them if there is room, else turns are taken. A VIP with fewer lines
 * than servers spends the last one on saying so.
 */
export function assShown(ass: readonly number[], room: number): number[] {
  const shown = ass.map(() => 0);
  for (let left = room; left > 0; ) {
    const before = left;
    for (let v = 0; v < ass.length && left > 0; v++) {
      if (shown[v]! >= ass[v]!) continue;
      shown[v]!++;
      left--;
    }
    if (left === before) break;
  }
  return shown;
}

function vipLine({ now, before, encaps }: ViewModel, v: number, layout: AsColumns, colors: Colors): string {
  const vip = now.vips[v]!;
  const rate = perSecond(now, before, ({ vips }) => packetsOf(vips[v]!));
  const { rest, rateText, flowsText } = layout.headCells(`${countText(rate)}/s`, exactText(flowsOfVip(vip)));
  const name = fitText(`${vipName(vip)}  ${encaps[v]}`, rest);
  return `${colors.bold(name)}${' '.repeat(rest - name.length)}${rateText}${flowsText}`;
}

function vipName({ prefix, protocol, port }: VipReport): string {
  return describeVip({ prefix, ...(protocol !== null && { protocol }), ...(port !== null && { port }) });
}

function assLines(model: ViewModel, v: number, count: number, layout: AsColumns, colors: Colors): string[] {
  const { ass } = model.now.vips[v]!;
  const listed = count < ass.length ? count - 1 : count;
  const buckets = sum(ass.map((as) => as.buckets));
  const most = Math.max(1, ...ass.map((as) => as.buckets));
  const lines = ass.slice(0, Math.max(0, listed)).map((as, a) => {
    const rate = perSecond(model.now, model.before, ({ vips }) => vips[v]!.ass[a]!.packets);
    return layout.line(
      {
        address: as.address,
        weight: String(as.weight),
        bar: bar(as.buckets / most, layout.barWidth),
        share: percentText(buckets === 0 ? 0 : as.buckets / buckets, 1),
        rate: `${countText(rate)}/s`,
        flows: exactText(as.flows),
      },
      colors,
    );
  });
  if (count > 0 && listed < ass.length)
    lines.push(colors.dim(fitText(`  … ${ass.length - listed} more servers`, layout.width)));
  return lines;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
