import type { Grid, Size, Viewport } from './viewport.js';

/** From this size on there is room for a mark inside a cell. */
export const MARK_FROM = 6;
/** From this size on there is room for a name of a few letters. */
export const NAME_FROM = 24;

/** What of a grid is seen: columns and rows, the ends not included. */
export interface Seen {
  readonly fromColumn: number;
  readonly toColumn: number;
  readonly fromRow: number;
  readonly toRow: number;
}

export function seenCells({ columns, rows }: Grid, { cell, left, top }: Viewport, { width, height }: Size): Seen {
  return {
    fromColumn: Math.floor(left / cell),
    toColumn: Math.min(columns, Math.ceil((left + width) / cell)),
    fromRow: Math.floor(top / cell),
    toRow: Math.min(rows, Math.ceil((top + height) / cell)),
  };
}

/**
 * Makes a hole in the middle of each marked cell, so that the mark does not depend on colour; where cells are too small for
 * one, marked buckets are told by their colours only. Runs after paintBuckets.
 */
export function paintMarks(
  pixels: Uint32Array,
  size: Size,
  grid: Grid,
  view: Viewport,
  marked: Uint8Array,
  ground: number,
): void {
  const { cell, left, top } = view;
  if (cell < MARK_FROM) return;
  const side = Math.max(2, Math.floor((cell - 1) / 3));
  const inset = Math.floor((cell - 1 - side) / 2);
  const { fromColumn, toColumn, fromRow, toRow } = seenCells(grid, view, size);
  for (let row = fromRow; row < toRow; row++) {
    const first = row * grid.columns;
    const y = row * cell - top + inset;
    for (let column = fromColumn; column < toColumn && first + column < grid.buckets; column++) {
      if (marked[first + column] === 0) continue;
      const x = column * cell - left + inset;
      const [from, to] = [Math.max(0, x), Math.min(size.width, x + side)];
      if (from >= to) continue;
      for (let line = Math.max(0, y); line < Math.min(size.height, y + side); line++) {
        pixels.fill(ground, line * size.width + from, line * size.width + to);
      }
    }
  }
}
