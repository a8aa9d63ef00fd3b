import type { TableReport } from './table-report.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** A map of more buckets is no longer looked at. */
export const MAX_BUCKETS_MAPPED = 4096;
const ROW_CHARACTERS = 64;
const NO_SERVER = '·';

/** A short name for each AS: a letter, or a number where letters run out; all of the same width. */
export function asLabels(count: number): string[] {
  if (count <= LETTERS.length) return [...LETTERS.slice(0, count)];
  const width = String(count).length;
  return Array.from({ length: count }, (_, i) => String(i + 1).padStart(width));
}

/** The buckets in rows, one label each; every row begins with the number of its first bucket. */
export function bucketMap({ buckets, ass }: TableReport): string[] {
  const labels = asLabels(ass.length);
  const byAddress = new Map(ass.map(({ address }, i) => [address, labels[i]!]));
  const width = labels[0]?.length ?? 1;
  // Letters stand side by side, in eights; numbers need a space between them.
  const perRow = width === 1 ? ROW_CHARACTERS : 16;
  const shown = buckets.slice(0, MAX_BUCKETS_MAPPED);
  const numberWidth = String(shown.length - 1).length;
  const rows: string[] = [];
  for (let from = 0; from < shown.length; from += perRow) {
    const cells = shown.slice(from, from + perRow).map((address) => cell(byAddress, address, width));
    rows.push(`${String(from).padStart(numberWidth)}  ${width === 1 ? inEights(cells.join('')) : cells.join(' ')}`);
  }
  return rows;
}

function cell(labels: ReadonlyMap<string, string>, address: string | null, width: number): string {
  return address === null ? NO_SERVER.padStart(width) : labels.get(address)!;
}

function inEights(text: string): string {
  return (text.match(/.{1,8}/g) ?? []).join(' ');
}
