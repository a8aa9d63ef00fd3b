import { effectiveAss, parseConfig, plan, type VipPlan } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { moveFigures } from './figures.js';
import { foldMoves, moveMatrix } from './moves.js';
import { layoutMoves } from './sankey-layout.js';

const healthy = () => 'healthy' as const;

/** From one set of weights to another, by the last byte of the address. */
function planned(before: Record<number, number>, after: Record<number, number>, lengths = [4096, 4096]): VipPlan {
  const side = (weights: Record<number, number>, newLen: number) => {
    const ass = Object.entries(weights).map(([n, weight]) => ({ address: `10.0.0.${n}`, weight }));
    const { config } = parseConfig({ vips: [{ prefix: '90.0.0.0/8', encap: 'gre4', newLen, ass }] });
    return { config, effective: effectiveAss(config, 0, healthy) };
  };
  return plan(side(before, lengths[0]!), side(after, lengths[1]!)).vips[0]!;
}

const four = { 1: 100, 2: 100, 3: 100, 4: 100 };

describe('figures of a plan', () => {
  it('removal of an AS: what moves beyond its buckets is unrelated', () => {
    const result = planned(four, { 1: 100, 2: 100, 3: 100 });
    const elsewhere = result.moves.filter(({ from }) => from !== '10.0.0.4');
    const figures = moveFigures(result);
    expect(figures.moved).toBe(result.moved);
    expect(figures.unrelated).toBe(result.moved - 1024);
    expect(figures.unrelated).toBe(elsewhere.reduce((sum, { buckets }) => sum + buckets, 0));
    expect(figures.unrelatedShare).toBeCloseTo(figures.unrelated / 4096);
  });

  it('without a server left, everything that moves has to', () => {
    expect(moveFigures(planned(four, { 1: 0, 2: 0, 3: 0, 4: 0 }))).toMatchObject({ moved: 4096, unrelated: 0 });
    expect(moveFigures(planned({ 1: 0 }, { 1: 100 }))).toMatchObject({ moved: 4096, unrelated: 0 });
  });

  it('a table that grows is counted in its own buckets', () => {
    const result = planned(four, four, [1024, 4096]);
    expect(moveFigures(result).unrelated).toBe(result.moved);
  });
});

describe('moves', () => {
  const move = (from: string | null, to: string | null, buckets: number) => ({ from, to, buckets });
  const moves = [move('a', 'b', 50), move('a', 'c', 30), move('a', 'd', 20), move('a', null, 10), move('e', 'b', 1)];

  it('are kept by name while there is room', () => {
    expect(foldMoves(moves, 4).map(({ from, to, buckets }) => [from.name, to.name, buckets])).toEqual([
      ['a', 'b', 50],
      ['a', 'c', 30],
      ['a', 'd', 20],
      ['a', 'no server', 10],
      ['e', 'b', 1],
    ]);
  });

  it('of the parties with fewest buckets are put together, and none is lost', () => {
    const folded = foldMoves(moves, 3);
    expect(folded.map(({ from, to, buckets }) => [from.name, to.name, buckets])).toEqual([
      ['a', 'b', 50],
      ['a', 'c', 30],
      ['a', '2 others', 30],
      ['e', 'b', 1],
    ]);
  });

  it('make a matrix', () => {
    expect(moveMatrix(foldMoves(moves, 3))).toEqual({
      from: ['a', 'e'],
      to: ['b', 'c', '2 others'],
      buckets: [
        [50, 30, 30],
        [1, 0, 0],
      ],
    });
  });
});

describe('the diagram', () => {
  it('has a bar for each party on each side, as high as its buckets, in the box', () => {
    const result = planned(four, { 1: 100, 2: 100, 3: 100, 4: 20 });
    const { bars, bands } = layoutMoves(foldMoves(result.moves, 20), 300, 200);
    const lost = bars.find(({ side, party }) => side === 'from' && party.name === '10.0.0.4')!;
    const won = bars.filter(({ side }) => side === 'to');
    expect(lost.x).toBe(0);
    for (const bar of won) expect(bar.x + bar.width).toBeCloseTo(300);
    for (const bar of bars) {
      expect(bar.y).toBeGreaterThanOrEqual(0);
      expect(bar.y + bar.height).toBeLessThanOrEqual(200.001);
    }
    expect(won.reduce((sum, { buckets }) => sum + buckets, 0)).toBe(result.moved);
    expect(bands).toHaveLength(result.moves.length);
    for (const { path } of bands) expect(path).toMatch(/^M[\d.]+,[\d.]+C/);
  });

  it('of no moves is empty', () => {
    expect(layoutMoves([], 300, 200)).toEqual({ bars: [], bands: [] });
  });
});
