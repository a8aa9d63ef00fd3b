import { fitText } from '../serve/columns.js';
import type { Colors } from '../streams.js';

/** A line of the table, cells as plain text. */
export interface Row extends Partial<Record<ColumnName, string>> {
  /** What it is about: a VIP, an AS in use, one that fails, one that is taken out, or a note. */
  readonly kind: 'vip' | 'as' | 'failing' | 'out' | 'more';
  readonly name: string;
}

type ColumnName = 'name' | 'state' | 'health' | 'weight' | 'share' | 'packets' | 'bits' | 'flows';

const COLUMNS: readonly { readonly name: ColumnName; readonly title: string; readonly right: boolean }[] = [
  { name: 'name', title: 'VIP / server', right: false },
  { name: 'state', title: 'state', right: false },
  { name: 'health', title: 'health', right: false },
  { name: 'weight', title: 'weight', right: true },
  { name: 'share', title: 'share', right: true },
  { name: 'packets', title: 'packets', right: true },
  { name: 'bits', title: 'bits', right: true },
  { name: 'flows', title: 'flows', right: true },
];
const GAP = 2;
/** What cells usually need, so that columns stay where they are while figures grow. */
const LEAST = { name: 0, state: 8, health: 9, weight: 6, share: 7, packets: 9, bits: 12, flows: 9 } as const;
/** What a narrow terminal does without, first to last. */
const DISPENSABLE: readonly ColumnName[] = ['bits', 'share', 'weight', 'flows', 'state', 'health'];

/** The lines of the table, titles first, none wider than `width`. */
export function topColumns(rows: readonly Row[], width: number, colors: Colors, stale: boolean): string[] {
  const widths = new Map(
    COLUMNS.map(({ name, title }) => {
      const cells = rows.filter(({ kind }) => kind !== 'more').map((row) => row[name]?.length ?? 0);
      return [name, cells.reduce((most, length) => Math.max(most, length), Math.max(LEAST[name], title.length))];
    }),
  );
  const kept = new Set(COLUMNS.map(({ name }) => name));
  const total = () => [...kept].reduce((sum, name) => sum + widths.get(name)! + GAP, -GAP);
  for (const name of DISPENSABLE) if (total() > width) kept.delete(name);
  const line = (cells: Partial<Record<ColumnName, string>>): string => {
    const padded = COLUMNS.filter(({ name }) => kept.has(name)).map(({ name, right }) => {
      const text = cells[name] ?? '';
      return right ? text.padStart(widths.get(name)!) : text.padEnd(widths.get(name)!);
    });
    return fitText(padded.join(' '.repeat(GAP)).trimEnd(), width);
  };
  const titles = Object.fromEntries(COLUMNS.map(({ name, title }) => [name, title]));
  const paint = (row: Row): ((text: string) => string) => (stale ? colors.dim : paintOf(row, colors));
  return [colors.dim(line(titles)), ...rows.map((row) => paint(row)(line(row)))];
}

function paintOf({ kind }: Row, colors: Colors): (text: string) => string {
  if (kind === 'vip') return colors.bold;
  if (kind === 'failing') return colors.red;
  return kind === 'as' ? (text) => text : colors.dim;
}
