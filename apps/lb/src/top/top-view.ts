import { describeVip } from '@lb/control';
import type { AsSample, CountersSample, Status, VipSample } from '@lb/control/client';
import { weightText } from '../client/as-line.js';
import { fitText } from '../serve/columns.js';
import { assShown, type ViewSize } from '../serve/view.js';
import type { Colors } from '../streams.js';
import { countText, durationText, exactText, percentText, plural } from '../text.js';
import { type Rates, ratesBetween } from './rates.js';
import { type Row, topColumns } from './top-columns.js';

/** What `lb top` shows. */
export interface TopModel {
  readonly status: Status;
  readonly now: CountersSample;
  /** The sample before, for rates; absent at first. */
  readonly before?: CountersSample;
  /** Seconds since the last sample came, if the daemon does not answer. */
  readonly silentSec?: number;
  /** Nobody watches who could quit: it is printed once. */
  readonly once?: true;
}

/** The lines of `lb top`: at most `rows`, none wider than `columns`. */
export function renderTop(model: TopModel, { columns, rows }: ViewSize, colors: Colors): string[] {
  const rates = ratesBetween(model.before, model.now);
  const head = headLines(model, rates, columns, colors);
  const foot = reasonLine(model.now, columns, colors);
  const room = rows - head.length - 2 - foot.length;
  return [...head, ...vipLines(model, rates, columns, room, colors), ...foot].slice(0, rows);
}

function headLines(
  { status, now, silentSec, once }: TopModel,
  rates: Rates,
  columns: number,
  colors: Colors,
): string[] {
  const { hostname, interfaces } = status;
  const where = interfaces.map(({ name, kind }) => `${name}=${kind}`).join(' ') || 'generated traffic';
  const facts = [
    `revision ${now.revision}`,
    `up ${durationText(now.uptimeSec)}`,
    plural(now.workers.length, 'worker'),
    where,
  ];
  const name = fitText(`lb top  ${hostname}, ${facts.join(', ')}`, columns);
  const quit = 'q quits';
  const gap = columns - name.length - quit.length;
  const totals = fitText(
    [
      `${rateText(rates.of('received'))} packets/s`,
      `${rateText(rates.of('forwarded'))} forwarded/s`,
      `${rateText(rates.of('punted'))} punted/s`,
      `${rateText(rates.of('dropped'))} dropped/s`,
      `${exactText(now.flows)} of ${countText(now.flowCapacity)} flows${statesText(now.flowStates)}`,
    ].join('   '),
    columns,
  );
  const lines = [colors.bold(name) + (gap >= 2 && !once ? ' '.repeat(gap) + colors.dim(quit) : ''), totals];
  if (silentSec === undefined) return lines;
  const stale = `no answer from the daemon for ${Math.round(silentSec)} s: these figures are old`;
  return [lines[0]!, colors.red(fitText(stale, columns)), colors.dim(totals)];
}

/** Of how many flows the connection opens or closes: many that open are a flood. */
function statesText({ opening, closing }: CountersSample['flowStates']): string {
  const counts = [
    opening > 0 ? `${countText(opening)} opening` : '',
    closing > 0 ? `${countText(closing)} closing` : '',
  ];
  const known = counts.filter(Boolean).join(', ');
  return known === '' ? '' : ` (${known})`;
}

/** Why packets were not forwarded, since the start. */
function reasonLine({ droppedBy, puntedBy }: CountersSample, columns: number, colors: Colors): string[] {
  const parts = Object.entries({ ...droppedBy, ...puntedBy })
    .filter(([, packets]) => packets > 0)
    .map(([reason, packets]) => `${reason} ${countText(packets)}`);
  if (parts.length === 0) return [];
  return ['', colors.yellow(fitText(`not forwarded so far: ${parts.join(', ')}`, columns))];
}

function vipLines(model: TopModel, rates: Rates, columns: number, room: number, colors: Colors): string[] {
  const { vips } = model.now;
  if (vips.length === 0) return ['', 'no VIPs'];
  if (room <= 0) return [];
  // The last line says what is left out.
  const shown = vips.length <= room ? vips.length : room - 1;
  const counts = assShown(
    vips.slice(0, shown).map(({ ass }) => ass.length),
    shown < vips.length ? 0 : room - shown,
  );
  const rows = vips.slice(0, shown).flatMap((vip, v) => [vipRow(vip, rates), ...asRows(vip, counts[v]!, rates)]);
  const lines = topColumns(rows, columns, colors, model.silentSec !== undefined);
  const more = vips.length - shown;
  return ['', ...lines, ...(more > 0 ? [colors.dim(fitText(`… and ${plural(more, 'more VIP')}`, columns))] : [])];
}

function vipRow(vip: VipSample, rates: Rates): Row {
  const failing = vip.ass.filter(({ health }) => health === 'failing').length;
  const { prefix, protocol, port } = vip;
  const name = describeVip({ prefix, ...(protocol !== null && { protocol }), ...(port !== null && { port }) });
  return {
    kind: 'vip',
    name: `${name}  ${vip.encap}`,
    health: failing === 0 ? '' : `${failing} failing`,
    packets: perSecondText(rates.vip(vip)),
    bits: bitsText(sumKnown(vip.ass.map((as) => rates.asBytes(vip, as)))),
    flows: exactText(vip.ass.reduce((sum, { flows }) => sum + flows, 0)),
  };
}

/** A VIP with fewer lines than servers spends the last one on saying so. */
function asRows(vip: VipSample, count: number, rates: Rates): Row[] {
  const { ass } = vip;
  if (count >= ass.length) return ass.map((as) => asRow(vip, as, rates));
  const listed = Math.max(0, count - 1);
  const more: Row[] = count > 0 ? [{ kind: 'more', name: `  … ${ass.length - listed} more servers` }] : [];
  return [...ass.slice(0, listed).map((as) => asRow(vip, as, rates)), ...more];
}

function asRow(vip: VipSample, as: AsSample, rates: Rates): Row {
  const { weight, effectiveWeight, reason } = as;
  const changed = effectiveWeight !== weight && reason !== as.state && reason !== 'failing';
  return {
    kind: as.health === 'failing' ? 'failing' : as.state === 'enabled' ? 'as' : 'out',
    name: `  ${as.address}`,
    state: as.state,
    health: as.health === 'unknown' ? '-' : as.health,
    weight: changed ? `${weightText(effectiveWeight)} of ${weight}` : String(weight),
    share: percentText(as.buckets / vip.newLen, 1),
    packets: perSecondText(rates.asPackets(vip, as)),
    bits: bitsText(rates.asBytes(vip, as)),
    flows: exactText(as.flows),
  };
}

/** "0" and "not known" are different things. */
function rateText(rate: number | null): string {
  return rate === null ? '-' : countText(rate);
}

function perSecondText(rate: number | null): string {
  return rate === null ? '-' : `${countText(rate)}/s`;
}

function bitsText(bytes: number | null): string {
  if (bytes === null) return '-';
  const text = countText(bytes * 8);
  return `${text}${text.includes(' ') ? '' : ' '}bit/s`;
}

function sumKnown(rates: readonly (number | null)[]): number | null {
  return rates.some((rate) => rate === null) ? null : rates.reduce<number>((sum, rate) => sum + rate!, 0);
}
