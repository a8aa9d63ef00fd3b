/** What a cell is sorted by; null and undefined, "not known", come last in either direction. */
export type SortValue = string | number | null | undefined;

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** The rows in order; equal rows keep theirs. Does not change `rows`. */
export function sortRows<R>(rows: readonly R[], sortBy: (row: R) => SortValue, descending: boolean): R[] {
  return orderOf(rows.map(sortBy), descending).map((place) => rows[place]!);
}

/**
 * Sorts what comes again and again with other numbers. An order is kept as long as the values that it is by are the same:
 * to compare ten thousand texts as people do takes longer than a frame.
 */
export class RowSorter {
  private values: readonly SortValue[] = [];
  private descending = false;
  private order: readonly number[] = [];

  /** As {@link sortRows}. */
  sort<R>(rows: readonly R[], sortBy: (row: R) => SortValue, descending: boolean): R[] {
    const values = rows.map(sortBy);
    const { values: before } = this;
    const isKnown =
      descending === this.descending &&
      values.length === before.length &&
      values.every((value, i) => value === before[i]);
    if (!isKnown) this.order = orderOf(values, descending);
    this.values = values;
    this.descending = descending;
    return this.order.map((place) => rows[place]!);
  }
}

/** Places of values in their order. */
function orderOf(values: readonly SortValue[], descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  const places = values.map((_, place) => place);
  return places.sort((a, b) => compare(values[a], values[b], sign));
}

function compare(a: SortValue, b: SortValue, sign: number): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  return sign * collator.compare(String(a), String(b));
}

/** What the click on a heading leads to: ascending, descending, then the order of the data. */
export function nextSort(sort: Sort | null, column: string): Sort | null {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}

/** The selection after a click or a key: alone, toggled (Ctrl), or from the anchor on (Shift). */
export function nextSelection(
  keys: readonly string[],
  selected: ReadonlySet<string>,
  { to, anchor, how }: { to: number; anchor: number; how: 'only' | 'toggle' | 'range' },
): ReadonlySet<string> {
  const key = keys[to];
  if (key === undefined) return selected;
  if (how === 'only') return new Set([key]);
  if (how === 'range') return new Set(keys.slice(Math.min(anchor, to), Math.max(anchor, to) + 1));
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  return next;
}
