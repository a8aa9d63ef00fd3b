import type { Check } from './schema.js';
import { type Column, tableLines } from './text-table.js';
import type { AsView, LbView, VipView } from './view.js';
import { describeVip } from './vip-ref.js';

/** The text of `show lb`. */
export function showLb(view: LbView): string {
  const rows = [
    ['ip4-src-address', view.ip4SrcAddress ?? 'not set'],
    ['ip6-src-address', view.ip6SrcAddress ?? 'not set'],
    ['buckets', `${view.buckets} (${view.buckets * 4} flows in each worker)`],
    ['timeout', `${view.timeout} s`],
    ['tcp-timeout', `${view.tcpTimeout} s, opening ${view.tcpOpeningTimeout} s, closing ${view.tcpClosingTimeout} s`],
    ['udp-timeout', `${view.udpTimeout} s`],
    ['other-timeout', `${view.otherTimeout} s`],
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

interface AssColumn extends Column {
  /** Whether it says something about an AS; the column is left out where it does about none. */
  readonly says?: (as: AsView) => boolean;
  readonly cell: (as: AsView) => string | number | null;
}

const ASS_COLUMNS: readonly AssColumn[] = [
  { ...left('AS'), cell: ({ address }) => address },
  { ...left('STATE'), cell: ({ state }) => state, says: (as) => as.state !== 'enabled' || isLive(as) },
  { ...left('HEALTH'), cell: ({ health }) => health, says: ({ health }) => health !== null },
  { ...right('WEIGHT'), cell: ({ weight }) => weight },
  { ...right('EFFECTIVE'), cell: effectiveText, says: isLive },
  { ...right('BUCKETS'), cell: ({ buckets }) => buckets },
  { ...right('FLOWS'), cell: ({ flows }) => flows },
  { ...right('PACKETS'), cell: ({ packets }) => packets },
  { ...right('BYTES'), cell: ({ bytes }) => bytes },
];

/** Whether a running balancer told of it. */
function isLive({ effectiveWeight }: AsView): boolean {
  return effectiveWeight !== null;
}

/** With the reason where state and health do not say it already. */
function effectiveText({ effectiveWeight, reason }: AsView): string | null {
  if (effectiveWeight === null) return null;
  return reason === 'ramp' || reason === 'panic' || reason === 'last-as'
    ? `${effectiveWeight} (${reason})`
    : String(effectiveWeight);
}

function verboseLines(view: VipView): string[] {
  const [existing, first, untracked, noServer] = counterTexts(view);
  const known = ASS_COLUMNS.filter(({ says }) => says === undefined || view.ass.some(says));
  const rows = view.ass.map((as) => known.map(({ cell }) => String(cell(as) ?? '-')));
  return [
    describeVip({
      prefix: view.prefix,
      ...(view.protocol === null ? {} : { protocol: view.protocol }),
      ...(view.port === null ? {} : { port: view.port }),
    }),
    `  ${settingTexts(view).join(', ')}`,
    ...(view.check === null ? [] : [`  check: ${checkText(view.check)}, panic below ${view.panic} %`]),
    `  packets: existing ${existing}, first ${first}, untracked ${untracked}, no server ${noServer}`,
    ...(rows.length === 0 ? ['no AS'] : tableLines(known, rows)).map((line) => `  ${line}`),
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
    ...(view.lastAs === 'drop' ? [] : [`last_as ${view.lastAs}`]),
    `overhead ${view.overheadBytes} bytes`,
  ];
}

function checkText({ type, port, path, interval, rise, fall, via }: Check): string {
  const where = `${type}${port === undefined ? '' : ` port ${port}`}${path === undefined ? '' : ` ${path}`}`;
  return `${where} every ${interval} s, rise ${rise}, fall ${fall}${via === 'encap' ? ', through the encap' : ''}`;
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
