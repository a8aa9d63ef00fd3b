import type { Grid, Size, Viewport } from './viewport.js';

/** From this size on cells have a gap of one pixel, as there is room for it. */
const GAP_FROM = 5;

/**
 * Writes what is seen of the buckets into the pixels of a picture, and nothing else.
 * @param shades pixel of each bucket
 * @param marked buckets that win where several share a pixel; null: the first one does
 * @param ground pixel of what is beside the buckets
 */
export function paintBuckets(
  pixels: Uint32Array,
  size: Size,
  grid: Grid,
  view: Viewport,
  shades: Uint32Array,
  marked: Uint8Array | null,
  ground: number,
): void {
  if (view.cell < 1) paintDense(pixels, size, grid, view, shades, marked, ground);
  else paintCells(pixels, size, grid, view, shades, ground);
}

/** One pixel or more a bucket: the first line of a row of cells is written, the others are copies of it. */
function paintCells(
  pixels: Uint32Array,
  { width, height }: Size,
  { buckets, columns, rows }: Grid,
  { cell, left, top }: Viewport,
  shades: Uint32Array,
  ground: number,
): void {
  const gap = cell >= GAP_FROM ? 1 : 0;
  let written = -1;
  let writtenAt = 0;
  for (let y = 0; y < height; y++) {
    const line = y * width;
    const row = Math.floor((y + top) / cell);
    const isGap = gap === 1 && (y + top) % cell === cell - 1;
    if (row >= rows || isGap) {
      pixels.fill(ground, line, line + width);
      continue;
    }
    if (row === written) {
      pixels.copyWithin(line, writtenAt, writtenAt + width);
      continue;
    }
    written = row;
    writtenAt = line;
    const first = row * columns;
    const end = Math.min(first + columns, buckets);
    let x = 0;
    for (let bucket = first + Math.floor(left / cell); bucket < end && x < width; bucket++) {
      const next = Math.min((bucket - first + 1) * cell - left, width);
      const shade = shades[bucket]!;
      const filled = (bucket - first + 1) * cell - left - gap;
      while (x < next) {
        pixels[line + x] = x < filled ? shade : ground;
        x++;
      }
    }
    if (x < width) pixels.fill(ground, line + x, line + width);
  }
}

/** Several buckets a pixel. */
function paintDense(
  pixels: Uint32Array,
  { width, height }: Size,
  { buckets, columns, rows }: Grid,
  { cell, left, top }: Viewport,
  shades: Uint32Array,
  marked: Uint8Array | null,
  ground: number,
): void {
  // First column of each pixel, and one past the last.
  const edges = Int32Array.from({ length: width + 1 }, (_, x) => Math.min(columns, Math.floor((x + left) / cell)));
  for (let y = 0; y < height; y++) {
    const fromRow = Math.floor((y + top) / cell);
    const toRow = Math.min(rows, Math.max(fromRow + 1, Math.floor((y + 1 + top) / cell)));
    for (let x = 0; x < width; x++) {
      const from = edges[x]!;
      const first = fromRow * columns + from;
      if (fromRow >= rows || from >= columns || first >= buckets) {
        pixels[y * width + x] = ground;
        continue;
      }
      const to = Math.max(from + 1, edges[x + 1]!);
      const bucket = marked === null ? first : markedIn(marked, first, to - from, toRow - fromRow, columns, buckets);
      pixels[y * width + x] = shades[bucket]!;
    }
  }
}

/** The first marked bucket of a block, else the first one. */
function markedIn(
  marked: Uint8Array,
  first: number,
  width: number,
  height: number,
  columns: number,
  buckets: number,
): number {
  for (let row = 0; row < height; row++) {
    const start = first + row * columns;
    const end = Math.min(start + width, buckets);
    for (let bucket = start; bucket < end; bucket++) if (marked[bucket] === 1) return bucket;
  }
  return first;
}
