import { FIELDS, type VipConfig } from '@lb/control';
import { vipWords } from '../stores/index.js';
import { htmlTable } from './as-clip.js';
import { vipLines } from './command-rows.js';

/** VIPs for the clipboard, by type: as command lines for text, as a table for spreadsheets. */
export function clipVips(vips: readonly VipConfig[]): Readonly<Record<string, string>> {
  const rows = vips.map((vip) => [
    vip.prefix,
    vip.protocol ?? '',
    String(vip.port ?? ''),
    vip.encap,
    String(vip.newLen),
    vip.ass.map(({ address }) => address).join(' '),
  ]);
  return { 'text/plain': vipLines(vips), 'text/html': htmlTable([HEAD, ...rows]) };
}

const HEAD = ['prefix', 'protocol', 'port', 'encap', 'new_len', 'ass'] as const;

/**
 * Reads rows of a spreadsheet whose first row names the columns as the table that is copied does: prefix, and any of
 * protocol, port, encap, new_len, ass.
 * @returns command lines, undefined if the text is something else; whether they are right is for the grammar to say
 */
export function linesOfVipTable(text: string): readonly string[] | undefined {
  const [head, ...rows] = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split('\t').map((cell) => cell.trim()));
  const columns = head?.map((name) => name.toLowerCase());
  if (columns?.includes('prefix') !== true || rows.length === 0) return undefined;
  if (columns.some((name) => !(HEAD as readonly string[]).includes(name))) return undefined;
  return rows.flatMap((cells) => {
    const cell = (name: (typeof HEAD)[number]) => cells[columns.indexOf(name)] ?? '';
    const words = (name: 'encap' | 'new_len') => (cell(name) === '' ? '' : ` ${name} ${cell(name)}`);
    const port = cell('port') === '' ? {} : { port: Number(cell('port')) };
    const protocol = FIELDS.protocol.choices.find((choice) => choice === cell('protocol').toLowerCase());
    const name = vipWords({ prefix: cell('prefix'), ...port, ...(protocol && { protocol }) });
    const addresses = cell('ass')
      .split(/[\s,;]+/)
      .filter(Boolean);
    const vip = `lb vip ${name}${words('encap')}${words('new_len')}`;
    return addresses.length === 0 ? [vip] : [vip, `lb as ${name} ${addresses.join(' ')}`];
  });
}
