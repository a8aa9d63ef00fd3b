/** Size of the picture, in device pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Buckets row by row, as they fit the picture when all are seen. */
export interface Grid {
  readonly buckets: number;
  readonly columns: number;
  readonly rows: number;
  /** Pixels of a cell, in width and height, when all are seen; below 1 several buckets share a pixel. */
  readonly fit: number;
}

/** What is seen of a grid. */
export interface Viewport {
  /** Pixels of a cell: a whole number, or the `fit` of the grid. */
  readonly cell: number;
  /** Pixels of the grid that are left of the picture, and above it; whole numbers. */
  readonly left: number;
  readonly top: number;
}

const LARGEST_CELL = 48;

/** The largest square cells with which all buckets fit. */
export function layoutGrid(buckets: number, { width, height }: Size): Grid {
  let cell = Math.min(LARGEST_CELL, Math.floor(Math.sqrt((width * height) / buckets)));
  while (cell >= 1 && Math.floor(width / cell) * Math.floor(height / cell) < buckets) cell--;
  if (cell >= 1) {
    const columns = Math.min(buckets, Math.floor(width / cell));
    return { buckets, columns, rows: Math.ceil(buckets / columns), fit: cell };
  }
  const columns = Math.ceil(Math.sqrt((buckets * width) / height));
  const rows = Math.ceil(buckets / columns);
  return { buckets, columns, rows, fit: Math.min(width / columns, height / rows) };
}

export function fitView(grid: Grid): Viewport {
  return { cell: grid.fit, left: 0, top: 0 };
}

/** The bucket at a pixel of the picture, or −1. */
export function bucketAt(grid: Grid, { cell, left, top }: Viewport, x: number, y: number): number {
  const column = Math.floor((x + left) / cell);
  const row = Math.floor((y + top) / cell);
  if (x < 0 || y < 0 || column >= grid.columns || row >= grid.rows) return -1;
  const bucket = row * grid.columns + column;
  return bucket < grid.buckets ? bucket : -1;
}

/** Where a bucket is drawn, in pixels of the picture. */
export function placeOf(grid: Grid, { cell, left, top }: Viewport, bucket: number): { x: number; y: number } {
  return { x: (bucket % grid.columns) * cell - left, y: Math.floor(bucket / grid.columns) * cell - top };
}

/** Larger or smaller cells, while what is at a pixel stays there as far as the edges allow. */
export function zoomAt(grid: Grid, size: Size, view: Viewport, factor: number, x: number, y: number): Viewport {
  const wanted = view.cell * factor;
  const whole = factor > 1 ? Math.max(Math.floor(view.cell) + 1, Math.round(wanted)) : Math.floor(wanted);
  const cell = whole < 1 || whole <= grid.fit ? grid.fit : Math.min(whole, Math.max(LARGEST_CELL, grid.fit));
  const column = (x + view.left) / view.cell;
  const row = (y + view.top) / view.cell;
  return within(grid, size, { cell, left: column * cell - x, top: row * cell - y });
}

/** Moved by pixels of the picture, as far as there is something to be seen. */
export function panBy(grid: Grid, size: Size, view: Viewport, dx: number, dy: number): Viewport {
  return within(grid, size, { ...view, left: view.left + dx, top: view.top + dy });
}

/** Moved no more than needed for a bucket to be seen. */
export function reveal(grid: Grid, size: Size, view: Viewport, bucket: number): Viewport {
  const { x, y } = placeOf(grid, view, bucket);
  const shift = (at: number, length: number): number => Math.min(0, at) + Math.max(0, at + view.cell - length);
  return panBy(grid, size, view, shift(x, size.width), shift(y, size.height));
}

function within(grid: Grid, { width, height }: Size, { cell, left, top }: Viewport): Viewport {
  const clamp = (at: number, most: number): number => Math.round(Math.min(Math.max(0, at), Math.max(0, most)));
  return {
    cell,
    left: clamp(left, Math.ceil(grid.columns * cell) - width),
    top: clamp(top, Math.ceil(grid.rows * cell) - height),
  };
}

/** Where a key takes the cursor of the map; undefined: the key means nothing here. */
export function moveCursor(grid: Grid, bucket: number, key: string): number | undefined {
  const last = grid.buckets - 1;
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, bucket - 1);
    case 'ArrowRight':
      return Math.min(last, bucket + 1);
    case 'ArrowUp':
      return bucket >= grid.columns ? bucket - grid.columns : bucket;
    case 'ArrowDown':
      return bucket + grid.columns <= last ? bucket + grid.columns : bucket;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
