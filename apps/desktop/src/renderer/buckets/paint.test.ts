import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paintBuckets } from './paint.js';
import { bucketAt, fitView, layoutGrid, panBy, type Size, type Viewport, zoomAt } from './viewport.js';

const GROUND = 0xff00_0000;

function paint(size: Size, buckets: number, view: (fit: Viewport) => Viewport, marked: Uint8Array | null = null) {
  const grid = layoutGrid(buckets, size);
  const shown = view(fitView(grid));
  const pixels = new Uint32Array(size.width * size.height).fill(7);
  const shades = Uint32Array.from({ length: buckets }, (_, bucket) => bucket + 1000);
  paintBuckets(pixels, size, grid, shown, shades, marked, GROUND);
  return { grid, shown, pixels };
}

describe('painting', () => {
  it('agrees with the hit test at every pixel, zoomed and moved', () => {
    const given = fc.record({
      power: fc.integer({ min: 0, max: 11 }),
      width: fc.integer({ min: 20, max: 90 }),
      height: fc.integer({ min: 20, max: 70 }),
      factor: fc.integer({ min: 1, max: 9 }),
      dx: fc.integer({ min: 0, max: 200 }),
      dy: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(given, ({ power, width, height, factor, dx, dy }) => {
        const size = { width, height };
        const zoomed = (fit: Viewport) => {
          const grid = layoutGrid(2 ** power, size);
          return panBy(grid, size, zoomAt(grid, size, fit, factor, width / 2, 3), dx, dy);
        };
        const { grid, shown, pixels } = paint(size, 2 ** power, zoomed);
        const isGap = (at: number) => shown.cell >= 5 && at % shown.cell === shown.cell - 1;
        pixels.forEach((pixel, i) => {
          const [x, y] = [i % width, Math.floor(i / width)];
          const bucket = bucketAt(grid, shown, x, y);
          const isGround = bucket < 0 || (shown.cell >= 1 && (isGap(x + shown.left) || isGap(y + shown.top)));
          if (pixel !== (isGround ? GROUND : bucket + 1000)) throw new Error(`pixel ${x},${y} is ${pixel}`);
        });
      }),
    );
  });

  it('shows a marked bucket also where many share a pixel', () => {
    const buckets = 4096;
    for (const bucket of [0, 1, 777, 2048, 4095]) {
      const marked = new Uint8Array(buckets);
      marked[bucket] = 1;
      const { pixels, shown } = paint({ width: 32, height: 32 }, buckets, (fit) => fit, marked);
      expect(shown.cell).toBe(0.5);
      expect([...pixels].filter((pixel) => pixel === bucket + 1000)).toHaveLength(1);
    }
  });
});
