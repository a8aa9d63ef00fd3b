import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildMaglevTable } from './maglev-table.js';
import { diffTables, matchAss, movedBuckets } from './table-diff.js';
import { arbitraryAss, arbitraryNewLen, assOf } from './tables.testkit.js';

const before = {
  table: Int32Array.of(0, 0, 1, 1, 2, 2, -1, 0),
  ass: assOf({ '10.0.0.1': 1, '10.0.0.2': 1, '10.0.0.3': 1 }),
};
// 10.0.0.2 is gone, 10.0.0.4 is new, the others changed places.
const after = {
  table: Int32Array.of(1, 0, 2, 2, 0, 1, 2, -1),
  ass: assOf({ '10.0.0.3': 1, '10.0.0.1': 1, '10.0.0.4': 1 }),
};

describe('matchAss', () => {
  it('finds ASs again by address', () => {
    expect([...matchAss(before.ass, after.ass)]).toEqual([1, -1, 0]);
  });
});

describe('movedBuckets', () => {
  it('names the buckets whose server changes', () => {
    const sameAs = matchAss(before.ass, after.ass);
    expect([...movedBuckets(before.table, after.table, sameAs)]).toEqual([1, 2, 3, 5, 6, 7]);
  });

  it('treats the loss of a server that is gone as a move', () => {
    expect([...movedBuckets(Int32Array.of(0, -1), Int32Array.of(-1, -1), Int32Array.of(-1))]).toEqual([0]);
  });

  it('compares tables of different length by the hashes they stand for', () => {
    const same = Int32Array.of(0, 1);
    expect([...movedBuckets(Int32Array.of(0, 1), Int32Array.of(0, 1, 1, 1), same)]).toEqual([2]);
    expect([...movedBuckets(Int32Array.of(0, 1, 1, 1), Int32Array.of(0, 1), same)]).toEqual([2]);
  });

  it('refuses lengths that no table has', () => {
    const error = expect.objectContaining({ code: 'LB_TABLE_LENGTH' });
    expect(() => movedBuckets(new Int32Array(3), new Int32Array(4), new Int32Array(1))).toThrow(error);
    expect(() => movedBuckets(new Int32Array(4), new Int32Array(0), new Int32Array(1))).toThrow(error);
  });
});

describe('diffTables', () => {
  it('counts where buckets go, and which of them need not have moved', () => {
    expect(diffTables(before, after)).toEqual({
      newLen: 8,
      moved: 6,
      unrelated: 2,
      flows: [
        { from: 1, to: 2, buckets: 2 },
        { from: -1, to: 2, buckets: 1 },
        { from: 0, to: -1, buckets: 1 },
        { from: 0, to: 0, buckets: 1 },
        { from: 2, to: 1, buckets: 1 },
      ],
    });
  });

  it('adds up, and finds nothing between a table and itself', () => {
    fc.assert(
      fc.property(arbitraryAss(8), arbitraryAss(8), arbitraryNewLen(64), arbitraryNewLen(64), (a, b, lenA, lenB) => {
        const tableA = { table: buildMaglevTable(a, lenA), ass: a };
        const tableB = { table: buildMaglevTable(b, lenB), ass: b };
        const diff = diffTables(tableA, tableB);
        expect(diff.newLen).toBe(Math.max(lenA, lenB));
        expect(diff.flows.reduce((sum, { buckets }) => sum + buckets, 0)).toBe(diff.moved);
        expect(diffTables(tableA, tableA)).toEqual({ newLen: lenA, moved: 0, unrelated: 0, flows: [] });
      }),
    );
  });
});
