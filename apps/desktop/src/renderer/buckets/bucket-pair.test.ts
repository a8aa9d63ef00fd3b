import { buildMaglevTable, diffTables, parseAddress, type WeightedAs } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { countBuckets, type NamedBuckets, pairBuckets } from './bucket-pair.js';

const weighted = (weights: Readonly<Record<string, number>>): WeightedAs[] =>
  Object.entries(weights).map(([address, weight]) => ({ address: parseAddress(address), weight }));

function named(weights: Readonly<Record<string, number>>, newLen: number): NamedBuckets {
  return { ass: Object.keys(weights), buckets: buildMaglevTable(weighted(weights), newLen) };
}

describe('two tables side by side', () => {
  it('without a staged one there is nothing that moves', () => {
    const pair = pairBuckets({ ass: ['10.0.0.1'], buckets: Int32Array.of(0, -1) }, null);
    expect(pair).toEqual({
      newLen: 2,
      ass: ['10.0.0.1'],
      now: Int32Array.of(0, -1),
      staged: null,
      moved: null,
      movedCount: 0,
    });
  });

  it('an AS is the same by its address, wherever it stands', () => {
    const now = { ass: ['10.0.0.1', '10.0.0.2'], buckets: Int32Array.of(0, 1, 1, -1) };
    const staged = { ass: ['10.0.0.3', '10.0.0.2'], buckets: Int32Array.of(0, 1, 0, -1) };
    const pair = pairBuckets(now, staged);
    expect(pair.ass).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(pair.staged).toEqual(Int32Array.of(2, 1, 2, -1));
    expect(pair.moved).toEqual(Uint8Array.of(1, 0, 1, 0));
    expect(pair.movedCount).toBe(2);
  });

  it.each([
    [256, 256],
    [256, 1024],
    [1024, 256],
  ])('%i buckets and %i: as many move as the plan counts', (before, after) => {
    const weightsNow = { '10.0.0.1': 100, '10.0.0.2': 50, '10.0.0.3': 100 };
    const weightsThen = { '10.0.0.4': 70, '10.0.0.3': 100, '10.0.0.1': 100 };
    const now = named(weightsNow, before);
    const then = named(weightsThen, after);
    const pair = pairBuckets(now, then);
    const diff = diffTables(
      { table: now.buckets, ass: weighted(weightsNow) },
      { table: then.buckets, ass: weighted(weightsThen) },
    );
    expect(pair.newLen).toBe(diff.newLen);
    expect(pair.movedCount).toBe(diff.moved);
    expect(pair.moved!.reduce((sum, one) => sum + one, 0)).toBe(diff.moved);
  });

  it('buckets are counted by AS', () => {
    expect(countBuckets(Int32Array.of(0, 2, -1, 2), 3)).toEqual(Uint32Array.of(1, 0, 2));
  });
});
