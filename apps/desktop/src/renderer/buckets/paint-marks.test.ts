import { describe, expect, it } from 'vitest';
import { paintBuckets } from './paint.js';
import { MARK_FROM, paintMarks } from './paint-marks.js';
import { shortName, wantsDarkText } from './short-name.js';
import { bucketAt, layoutGrid, panBy, type Viewport } from './viewport.js';

const GROUND = 0xff00_0000;
const SHADE = 0xff11_2233;
const size = { width: 61, height: 47 };

function holes(view: (cell: number) => Viewport, cell: number, marked: Uint8Array): Map<number, number> {
  const grid = layoutGrid(marked.length, size);
  const shown = view(cell);
  const [plain, withMarks] = [0, 1].map(() => new Uint32Array(size.width * size.height));
  for (const pixels of [plain!, withMarks!]) {
    paintBuckets(pixels, size, grid, shown, new Uint32Array(marked.length).fill(SHADE), null, GROUND);
  }
  paintMarks(withMarks!, size, grid, shown, marked, GROUND);
  const found = new Map<number, number>();
  withMarks!.forEach((pixel, i) => {
    if (pixel === plain![i]) return;
    const bucket = bucketAt(grid, shown, i % size.width, Math.floor(i / size.width));
    found.set(bucket, (found.get(bucket) ?? 0) + 1);
  });
  return found;
}

describe('marks', () => {
  const marked = Uint8Array.from({ length: 256 }, (_, bucket) => (bucket % 3 === 0 ? 1 : 0));

  it('are holes in all marked cells that are seen, and in no other', () => {
    for (const cell of [MARK_FROM, 9, 24, 48]) {
      const grid = layoutGrid(256, size);
      const view = panBy(grid, size, { cell, left: 0, top: 0 }, 13, 29);
      const found = holes(() => view, cell, marked);
      expect(found.size).toBeGreaterThan(0);
      for (const [bucket, pixels] of found) {
        expect([bucket, marked[bucket]]).toEqual([bucket, 1]);
        // Never all of the cell: its colour is seen around.
        expect(pixels).toBeLessThan((cell - 1) ** 2 / 2);
      }
    }
  });

  it('are left out where cells have no room for them', () => {
    expect(holes((cell) => ({ cell, left: 0, top: 0 }), MARK_FROM - 1, marked).size).toBe(0);
  });
});

describe('names in cells', () => {
  it('are the ends of addresses', () => {
    expect(['10.0.0.17', '2001:db8::1', '2001:db8::'].map(shortName)).toEqual(['.17', ':1', ':']);
  });

  it('are dark on light and light on dark', () => {
    expect([0xffff_ffff, 0xff00_ffff, 0xff00_0000, 0xffaa_2500].map(wantsDarkText)).toEqual([true, true, false, false]);
  });
});
