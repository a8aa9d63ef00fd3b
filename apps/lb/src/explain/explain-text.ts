import { describeVip } from '@lb/control';
import { plural } from '../text.js';
import { meaningOf } from '../verdict-report.js';
import type { Explanation, Frame } from './explanation.js';
import type { Header } from './headers.js';

/** What `lb explain` prints for a person: stage by stage, then the packet before and after. */
export function explainText(explanation: Explanation, flow: string): string {
  const { before, after } = explanation;
  const lines = [
    flow,
    '',
    ...stageLines(explanation),
    '',
    `As received (${plural(before.bytes, 'byte')}):`,
    ...frameLines(before),
  ];
  if (after !== null) {
    lines.push('', `As sent (${plural(after.bytes, 'byte')}):`, ...frameLines(after, before));
  }
  return `${lines.join('\n')}\n`;
}

function stageLines(explanation: Explanation): string[] {
  const { vip, hash, verdict, reason } = explanation;
  const stages: [string, string][] = [['parse', parseText(explanation)]];
  if (explanation.prefixes.length > 0 || vip !== null) stages.push(['classify', classifyText(explanation)]);
  if (hash !== null) {
    stages.push(['hash', `${hash.kind}: flow ${hash.identity}, ${hex32(hash.value)} for the bucket`]);
    stages.push(['select', selectText(explanation)]);
  }
  const rewritten = rewriteText(explanation);
  if (rewritten !== undefined) stages.push(['rewrite', rewritten]);
  stages.push(['verdict', reason === null ? verdict : `${verdict}, ${reason}: ${meaningOf(reason)}`]);
  return stages.map(([name, text]) => `  ${name.padEnd(9)} ${text}`);
}

function parseText({ flow, before }: Explanation): string {
  const first = { tcp: 'TCP SYN', udp: 'UDP without data', icmp: 'echo request' }[flow.protocol];
  const family = before.headers[1]?.header === 'ipv6' ? 'IPv6' : 'IPv4';
  return `${family}, ${first}: the first packet of the flow`;
}

function classifyText({ vip, prefixes, verdict }: Explanation): string {
  const nested = prefixes.length > 1 ? `, the longest of ${prefixes.length} prefixes (${prefixes.join(', ')})` : '';
  const instead = verdict === 'reply' ? 'whose VIPs have ports' : 'but none of its VIPs serves this';
  if (vip === null) return `prefix ${prefixes[0]}${nested}, ${instead}`;
  const { prefix, protocol, port } = vip;
  const name = describeVip({ prefix, ...(protocol !== null && { protocol }), ...(port !== null && { port }) });
  return `VIP ${name}${prefixes[0] === prefix ? nested : ', by its node port'}`;
}

function selectText({ flowTable, bucket, vip, as }: Explanation): string {
  const known = flowTable === 'hit' ? 'known flow' : 'new flow';
  const where = bucket === null ? '' : `: bucket ${bucket} of ${vip?.newLen}`;
  return `${known}${where}, ${as === null ? 'no server' : `AS ${as.address} (weight ${as.weight})`}`;
}

function rewriteText({ vip, before, after, verdict }: Explanation): string | undefined {
  if (verdict === 'reply') return 'answered here, since a VIP with a port has no server for echo requests';
  if (after === null || vip === null) return undefined;
  const longer = after.bytes - before.bytes;
  return `${vip.encap}: ${longer === 0 ? 'length unchanged' : `${longer} bytes longer`}`;
}

/** The headers, one a line; with `before`, what is new or was changed is marked. */
function frameLines({ headers, hex }: Frame, before?: Frame): string[] {
  const old = before === undefined ? undefined : earlierHeaders(headers, before.headers);
  return [...headers.flatMap((header, i) => headerLines(header, old?.[i])), ...hexLines(hex)];
}

/** For each header the one it was, or null for one that was added: what is inside an encapsulation stays at the end. */
function earlierHeaders(headers: readonly Header[], before: readonly Header[]): (Header | null)[] {
  const added = headers.length - before.length;
  return headers.map((_, i) => (i === 0 ? before[0]! : i <= added ? null : before[i - added]!));
}

const NAMES: Record<Header['header'], string> = {
  ethernet: 'Ethernet',
  vlan: 'VLAN',
  ipv4: 'IPv4',
  ipv6: 'IPv6',
  gre: 'GRE',
  tcp: 'TCP',
  udp: 'UDP',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
};
const INDENT = 2;
const NAME_WIDTH = 10;
const LINE_WIDTH = 100;

function headerLines({ header, fields }: Header, old: Header | null | undefined): string[] {
  const words = Object.entries(fields).map(([key, value], i, all) => {
    const was = old === null || old === undefined ? value : (old.fields[key] ?? value);
    const changed = was === value ? '' : ` (was ${was})`;
    return `${fieldName(key)} ${value}${changed}${i < all.length - 1 ? ',' : ''}`;
  });
  const name = `${' '.repeat(INDENT)}${NAMES[header].padEnd(NAME_WIDTH)}`;
  if (old === null) words.unshift('(added)');
  return wrap(words, name, ' '.repeat(INDENT + NAME_WIDTH));
}

function wrap(words: readonly string[], first: string, others: string): string[] {
  const lines = [first];
  for (const word of words) {
    const last = lines[lines.length - 1]!;
    const fits = last.length + 1 + word.length <= LINE_WIDTH || last === first || last === others;
    if (fits) lines[lines.length - 1] = last.endsWith(' ') ? `${last}${word}` : `${last} ${word}`;
    else lines.push(`${others}${word}`);
  }
  return lines;
}

/** `destinationPort` as `destination port`, but `ttl` as `TTL`. */
function fieldName(key: string): string {
  if (key === 'ttl' || key === 'dscp' || key === 'ecn') return key.toUpperCase();
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** 16 bytes a line, with their offset. */
function hexLines(hex: string): string[] {
  const rows = hex.match(/.{1,32}/g) ?? [];
  return rows.map((row, i) => `  ${(i * 16).toString(16).padStart(4, '0')}  ${(row.match(/.{1,4}/g) ?? []).join(' ')}`);
}

function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
