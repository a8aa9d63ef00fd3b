import { type Column, tableLines } from './text-table.js';
import type { LbView, VipView } from './view.js';
import { describeVip } from './vip-ref.js';

/** The text of `show lb`. */
export function showLb(view: LbView): string {
  const rows = [
    ['ip4-src-address', view.ip4SrcAddress ?? 'not set'],
    ['ip6-src-address', view.ip6SrcAddress ?? 'not set'],
    ['buckets', `${view.buckets} (${view.buckets * 4} flows in each worker)`],
    ['timeout', `${view.timeout} s`],
    ['flow hash', view.flowHash],
    ['table', view.table],
    ['nat4 in', view.natInterfaces.nat4.join(', ') || 'no interface'],
    ['nat6 in', view.natInterfaces.nat6.join(', ') || 'no interface'],
    ['VIPs', String(view.vips)],
    ['ASs', String(view.ass)],
  ];
  return text(tableLines([left('SETTING'), left('VALUE')], rows));
}

/** The text of `show lb vip`, or with `verbose` of `show lb vip verbose`. A number that is not known is `-`. */
export function showVips(views: readonly VipView[], verbose: boolean): string {
  if (views.length === 0) return 'no VIPs\n';
  return verbose ? views.map((view) => text(verboseLines(view))).join('\n') : text(briefLines(views));
}

function briefLines(views: readonly VipView[]): string[] {
  const columns = [
    ...['VIP', 'PROTOCOL', 'PORT', 'ENCAP'].map(left),
    ...['NEW_LEN', 'ASS', 'EXISTING', 'FIRST', 'UNTRACKED', 'NO_SERVER'].map(right),
  ];
  const rows = views.map((view) => [
    view.prefix,
    protocolText(view),
    view.port === null ? 'any' : String(view.port),
    view.encap,
    String(view.newLen),
    String(view.ass.length),
    ...counterTexts(view),
  ]);
  return tableLines(columns, rows);
}

function verboseLines(view: VipView): string[] {
  const [existing, first, untracked, noServer] = counterTexts(view);
  const columns = [left('AS'), ...['WEIGHT', 'BUCKETS', 'FLOWS', 'PACKETS', 'BYTES'].map(right)];
  const rows = view.ass.map((as) => [
    as.address,
    String(as.weight),
    ...[as.buckets, as.flows, as.packets, as.bytes].map(numberText),
  ]);
  return [
    describeVip({
      prefix: view.prefix,
      ...(view.protocol === null ? {} : { protocol: view.protocol }),
      ...(view.port === null ? {} : { port: view.port }),
    }),
    `  ${settingTexts(view).join(', ')}`,
    `  packets: existing ${existing}, first ${first}, untracked ${untracked}, no server ${noServer}`,
    ...(rows.length === 0 ? ['no AS'] : tableLines(columns, rows)).map((line) => `  ${line}`),
  ];
}

function settingTexts(view: VipView): string[] {
  return [
    `encap ${view.encap}`,
    ...(view.dscp === null ? [] : [`dscp ${view.dscp}`]),
    ...(view.targetPort === null ? [] : [`target_port ${view.targetPort}`]),
    ...(view.nodePort === null ? [] : [`node_port ${view.nodePort}`]),
    `type ${view.type}`,
    `new_len ${view.newLen}`,
    ...(view.srcIpSticky ? ['src_ip_sticky'] : []),
    `overhead ${view.overheadBytes} bytes`,
  ];
}

function counterTexts({ counters }: VipView): string[] {
  const { existing = null, first = null, untracked = null, noServer = null } = counters ?? {};
  return [existing, first, untracked, noServer].map(numberText);
}

/** "0" and "unknown" are different things. */
function numberText(value: number | null): string {
  return value === null ? '-' : String(value);
}

function protocolText({ protocol, port }: VipView): string {
  return protocol ?? (port === null ? 'any' : 'tcp+udp');
}

function left(title: string): Column {
  return { title, align: 'left' };
}

function right(title: string): Column {
  return { title, align: 'right' };
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
