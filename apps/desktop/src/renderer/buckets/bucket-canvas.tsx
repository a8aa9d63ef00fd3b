import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import { useLatest } from '../ui/index.js';
import { paintBuckets } from './paint.js';
import { NAME_FROM, paintMarks, seenCells } from './paint-marks.js';
import { shortName, wantsDarkText } from './short-name.js';
import {
  bucketAt,
  fitView,
  type Grid,
  layoutGrid,
  moveCursor,
  panBy,
  placeOf,
  reveal,
  type Size,
  type Viewport,
  zoomAt,
} from './viewport.js';

export interface BucketCanvasProps {
  readonly label: string;
  /** Id of the element that says in words what is at the cursor. */
  readonly describedBy: string;
  /** Pixel of each bucket. */
  readonly shades: Uint32Array;
  /** Buckets that are not to be lost where many share a pixel. */
  readonly marked: Uint8Array | null;
  /** Pixel between and beside buckets. */
  readonly ground: number;
  /** Colour of the frames around buckets. */
  readonly frame: string;
  readonly hovered: number;
  readonly picked: number;
  /** Tells ASs apart by letters where cells are large enough: the AS of each bucket, and their addresses. */
  readonly names?: { readonly table: Int32Array; readonly ass: readonly string[] };
  /** What is seen, and how to change it, where several maps move as one; null for all. By default the map moves alone. */
  readonly shared?: readonly [Viewport | null, (view: Viewport | null) => void];
  /** −1: none. */
  onHover(bucket: number): void;
  onPick(bucket: number): void;
}

const WHEEL_STEP = 1.25;
const KEY_STEP = 1.5;
/** A press that moves less is a click. */
const CLICK_PX = 4;

/** Buckets as pixels, with zoom and pan by wheel, pointer and keys. */
export function BucketCanvas(props: BucketCanvasProps) {
  const { shades, hovered, picked } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useDeviceSize(canvas);
  const grid = layoutGrid(shades.length, size);
  const own = useState<Viewport | null>(null);
  const [wanted, setView] = props.shared ?? own;
  // A larger window shows all of what was seen whole.
  const view = wanted === null || wanted.cell <= grid.fit ? fitView(grid) : panBy(grid, size, wanted, 0, 0);
  const drag = useRef<{ x: number; y: number; moved: number } | null>(null);
  useDrawing(canvas, size, view, props);

  const at = (event: { clientX: number; clientY: number }): { x: number; y: number } => {
    const box = canvas.current!.getBoundingClientRect();
    const ratio = size.width / Math.max(1, box.width);
    return { x: (event.clientX - box.left) * ratio, y: (event.clientY - box.top) * ratio };
  };
  const zoom = (factor: number, x: number, y: number) => setView(zoomAt(grid, size, view, factor, x, y));

  const onWheel = useLatest((event: WheelEvent) => {
    event.preventDefault();
    const { x, y } = at(event);
    zoom(event.deltaY < 0 ? WHEEL_STEP : 1 / WHEEL_STEP, x, y);
  });
  useEffect(() => {
    const element = canvas.current!;
    // React's own listener is passive: the page would scroll as well.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [onWheel]);

  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = at(event);
    const from = drag.current;
    if (from === null) return props.onHover(bucketAt(grid, view, x, y));
    from.moved += Math.abs(from.x - x) + Math.abs(from.y - y);
    setView(panBy(grid, size, view, from.x - x, from.y - y));
    drag.current = { ...from, x, y };
  };
  const onPointerUp = (event: PointerEvent) => {
    const { x, y } = at(event);
    const isClick = drag.current !== null && drag.current.moved < CLICK_PX;
    drag.current = null;
    const bucket = bucketAt(grid, view, x, y);
    if (isClick && bucket >= 0) props.onPick(bucket);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const cursor = Math.max(0, hovered >= 0 ? hovered : picked);
    const next = moveCursor(grid, cursor, event.key);
    const place = placeOf(grid, view, cursor);
    if (next !== undefined) {
      props.onHover(next);
      setView(reveal(grid, size, view, next));
    } else if (event.key === '+' || event.key === '=') zoom(KEY_STEP, place.x, place.y);
    else if (event.key === '-') zoom(1 / KEY_STEP, place.x, place.y);
    else if (event.key === '0') setView(null);
    else if (event.key === 'Enter') props.onPick(cursor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      className="bucket-map"
      role="application"
      aria-label={props.label}
      aria-describedby={props.describedBy}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved about by keys
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <canvas
        ref={canvas}
        className="bucket-canvas"
        width={size.width}
        height={size.height}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { ...at(event), moved: 0 };
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => {
          drag.current = null;
        }}
        onPointerLeave={() => drag.current === null && props.onHover(-1)}
      />
    </div>
  );
}

/** Size of an element in pixels of the screen, followed as it changes. */
function useDeviceSize(canvas: RefObject<HTMLCanvasElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 1, height: 1 });
  useLayoutEffect(() => {
    const measure = (): void => {
      const { width, height } = canvas.current!.getBoundingClientRect();
      const pixels = (css: number): number => Math.max(1, Math.round(css * window.devicePixelRatio));
      const next = { width: pixels(width), height: pixels(height) };
      setSize((before) => (before.width === next.width && before.height === next.height ? before : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(canvas.current!);
    // A window that goes to another screen is told of as a resize.
    window.addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', measure);
    };
  }, [canvas]);
  return size;
}

/** Draws at most once a frame, whatever changed. */
function useDrawing(
  canvas: RefObject<HTMLCanvasElement | null>,
  size: Size,
  view: Viewport,
  props: BucketCanvasProps,
): void {
  const image = useRef<ImageData | null>(null);
  const painted = useRef('');
  const shown = useRef<Pick<BucketCanvasProps, 'shades' | 'marked'> | null>(null);
  const draw = useLatest(() => {
    const context = canvas.current?.getContext('2d', { alpha: false });
    if (!context) return;
    if (image.current?.width !== size.width || image.current.height !== size.height) {
      image.current = new ImageData(size.width, size.height);
    }
    const { shades, marked, ground } = props;
    const grid = layoutGrid(shades.length, size);
    const key = `${size.width} ${size.height} ${view.cell} ${view.left} ${view.top} ${ground}`;
    // A pointer that moves changes the frames only.
    if (painted.current !== key || shown.current?.shades !== shades || shown.current.marked !== marked) {
      const pixels = new Uint32Array(image.current.data.buffer);
      paintBuckets(pixels, size, grid, view, shades, marked, ground);
      if (marked !== null) paintMarks(pixels, size, grid, view, marked, ground);
      painted.current = key;
      shown.current = { shades, marked };
    }
    context.putImageData(image.current, 0, 0);
    if (props.names !== undefined && view.cell >= NAME_FROM) drawNames(context, size, grid, view, shades, props.names);
    for (const bucket of [props.picked, props.hovered]) {
      if (bucket < 0) continue;
      const { x, y } = placeOf(grid, view, bucket);
      const side = Math.max(3, Math.ceil(view.cell));
      context.strokeStyle = props.frame;
      context.lineWidth = 2;
      context.strokeRect(Math.round(x) - 2, Math.round(y) - 2, side + 3, side + 3);
    }
  });
  useEffect(() => {
    const frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  });
}

/** The end of its AS's address in each cell that is seen. */
function drawNames(
  context: CanvasRenderingContext2D,
  size: Size,
  grid: Grid,
  view: Viewport,
  shades: Uint32Array,
  { table, ass }: NonNullable<BucketCanvasProps['names']>,
): void {
  const { fromColumn, toColumn, fromRow, toRow } = seenCells(grid, view, size);
  const short = ass.map(shortName);
  context.font = `${Math.floor(view.cell / 3)}px monospace`;
  context.textBaseline = 'top';
  for (let row = fromRow; row < toRow; row++) {
    for (let column = fromColumn; column < toColumn; column++) {
      const bucket = row * grid.columns + column;
      const as = table[bucket];
      if (as === undefined || as < 0) continue;
      context.fillStyle = wantsDarkText(shades[bucket]!) ? '#000000' : '#ffffff';
      context.fillText(short[as]!, column * view.cell - view.left + 1, row * view.cell - view.top + 1, view.cell - 3);
    }
  }
}
