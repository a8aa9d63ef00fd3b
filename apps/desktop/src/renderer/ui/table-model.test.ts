import { describe, expect, it } from 'vitest';
import { nextSelection, nextSort, RowSorter, sortRows } from './table-model.js';

describe('order', () => {
  const by = (row: { v: string | number | null }) => row.v;
  const values = (rows: readonly { v: unknown }[]) => rows.map(({ v }) => v);

  it('takes numbers in text as numbers', () => {
    const rows = ['10.0.0.10', '10.0.0.9', '9.0.0.1'].map((v) => ({ v }));
    expect(values(sortRows(rows, by, false))).toEqual(['9.0.0.1', '10.0.0.9', '10.0.0.10']);
  });

  it('puts what is not known last, whatever the direction', () => {
    const rows = [{ v: null }, { v: 2 }, { v: 1 }];
    expect(values(sortRows(rows, by, false))).toEqual([1, 2, null]);
    expect(values(sortRows(rows, by, true))).toEqual([2, 1, null]);
    expect(values(rows)).toEqual([null, 2, 1]);
  });

  it('is kept for other rows with the same values, and found anew for others', () => {
    const sorter = new RowSorter();
    const rows = (...values: (string | number | null)[]) => values.map((v, i) => ({ v, i }));
    for (const descending of [false, true, false]) {
      for (const data of [rows('b', 'a', null), rows('b', 'a', null), rows('a', 'b', 'b'), rows(3, 1), rows()]) {
        expect(sorter.sort(data, by, descending)).toEqual(sortRows(data, by, descending));
      }
    }
  });

  it('goes from up to down to that of the data', () => {
    const up = nextSort(null, 'a');
    expect(up).toEqual({ column: 'a', descending: false });
    const down = nextSort(up, 'a');
    expect(down).toEqual({ column: 'a', descending: true });
    expect(nextSort(down, 'a')).toBeNull();
    expect(nextSort(down, 'b')).toEqual({ column: 'b', descending: false });
  });
});

describe('selection', () => {
  const keys = ['a', 'b', 'c', 'd'];

  it('is one row, a range from the anchor in both directions, or toggled', () => {
    expect([...nextSelection(keys, new Set(['a']), { to: 2, anchor: 0, how: 'only' })]).toEqual(['c']);
    expect([...nextSelection(keys, new Set(), { to: 3, anchor: 1, how: 'range' })]).toEqual(['b', 'c', 'd']);
    expect([...nextSelection(keys, new Set(), { to: 0, anchor: 1, how: 'range' })]).toEqual(['a', 'b']);
    expect([...nextSelection(keys, new Set(['a', 'b']), { to: 1, anchor: 0, how: 'toggle' })]).toEqual(['a']);
    expect([...nextSelection(keys, new Set(['a']), { to: 1, anchor: 0, how: 'toggle' })]).toEqual(['a', 'b']);
  });

  it('stays as it is when there is no such row', () => {
    const before = new Set(['a']);
    expect(nextSelection([], before, { to: 0, anchor: 0, how: 'only' })).toBe(before);
  });
});
