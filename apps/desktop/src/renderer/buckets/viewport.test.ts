import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketAt, fitView, layoutGrid, moveCursor, panBy, placeOf, reveal, type Size, zoomAt } from './viewport.js';

const sizes = fc.record({ width: fc.integer({ min: 40, max: 3840 }), height: fc.integer({ min: 40, max: 2160 }) });
const powers = fc.integer({ min: 0, max: 20 }).map((power) => 2 ** power);

describe('the grid', () => {
  it('has room for every bucket, of any number of them, in any picture', () => {
    fc.assert(
      fc.property(powers, sizes, (buckets, size) => {
        const grid = layoutGrid(buckets, size);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(buckets);
        expect(grid.columns * (grid.rows - 1)).toBeLessThan(buckets);
        expect(grid.columns * grid.fit).toBeLessThanOrEqual(size.width + 1e-6);
        expect(grid.rows * grid.fit).toBeLessThanOrEqual(size.height + 1e-6);
      }),
    );
  });

  it('has cells as large as they can be', () => {
    expect(layoutGrid(65_536, { width: 1024, height: 256 })).toEqual({
      buckets: 65_536,
      columns: 512,
      rows: 128,
      fit: 2,
    });
    expect(layoutGrid(1_048_576, { width: 512, height: 512 })).toEqual({
      buckets: 1_048_576,
      columns: 1024,
      rows: 1024,
      fit: 0.5,
    });
  });
});

const size: Size = { width: 200, height: 100 };
const grid = layoutGrid(4096, size);

describe('hit test', () => {
  it('finds the bucket that is drawn at a pixel, zoomed and moved', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4095 }), fc.integer({ min: 1, max: 20 }), (bucket, factor) => {
        const zoomed = zoomAt(grid, size, fitView(grid), factor, 57, 31);
        const view = reveal(grid, size, zoomed, bucket);
        const { x, y } = placeOf(grid, view, bucket);
        expect(bucketAt(grid, view, Math.max(0, x), Math.max(0, y))).toBe(bucket);
        expect(bucketAt(grid, view, x + view.cell - 1, y + view.cell - 1)).toBe(bucket);
      }),
    );
  });

  it('finds none beside the grid and behind the last bucket', () => {
    const view = fitView(grid);
    expect(grid).toEqual({ buckets: 4096, columns: 100, rows: 41, fit: 2 });
    expect(bucketAt(grid, view, -1, 0)).toBe(-1);
    expect(bucketAt(grid, view, 0, 82)).toBe(-1);
    expect(bucketAt(grid, view, 95 * 2, 40 * 2)).toBe(4095);
    expect(bucketAt(grid, view, 96 * 2, 40 * 2)).toBe(-1);
  });
});

describe('zoom and pan', () => {
  it('what is under the pointer stays there', () => {
    const view = zoomAt(grid, size, fitView(grid), 4, 100, 40);
    expect(view.cell).toBe(8);
    expect(bucketAt(grid, view, 100, 40)).toBe(bucketAt(grid, fitView(grid), 100, 40));
  });

  it('each step does something, up to the largest cell and back to all buckets', () => {
    let view = fitView(grid);
    for (let cell = 3; cell <= 48; cell++) {
      view = zoomAt(grid, size, view, 1.001, 0, 0);
      expect(view.cell).toBe(cell);
    }
    expect(zoomAt(grid, size, view, 2, 0, 0).cell).toBe(48);
    for (let i = 0; i < 60; i++) view = zoomAt(grid, size, view, 0.8, 200, 100);
    expect(view).toEqual(fitView(grid));
  });

  it('never shows more than there is beside the grid', () => {
    const view = zoomAt(grid, size, fitView(grid), 4, 0, 0);
    expect(panBy(grid, size, view, -50, -50)).toEqual(view);
    const end = panBy(grid, size, view, 1e6, 1e6);
    expect(end).toEqual({ cell: 8, left: 800 - 200, top: 328 - 100 });
    expect(panBy(grid, size, fitView(grid), 10, 10)).toEqual(fitView(grid));
  });
});

describe('the cursor', () => {
  it('goes by keys and stays in the grid', () => {
    expect(moveCursor(grid, 0, 'ArrowRight')).toBe(1);
    expect(moveCursor(grid, 0, 'ArrowLeft')).toBe(0);
    expect(moveCursor(grid, 5, 'ArrowDown')).toBe(105);
    expect(moveCursor(grid, 105, 'ArrowUp')).toBe(5);
    expect(moveCursor(grid, 5, 'ArrowUp')).toBe(5);
    expect(moveCursor(grid, 4095, 'ArrowDown')).toBe(4095);
    expect(moveCursor(grid, 9, 'End')).toBe(4095);
    expect(moveCursor(grid, 9, 'Home')).toBe(0);
    expect(moveCursor(grid, 9, 'a')).toBeUndefined();
  });
});
