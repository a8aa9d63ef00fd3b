import type { KeyboardEvent, PointerEvent } from 'react';

export interface SplitProps {
  readonly label: string;
  /** Which edge of the panel the handle is. */
  readonly edge: 'left' | 'right';
  /** Width of the panel in pixels. */
  readonly width: number;
  readonly min: number;
  readonly max: number;
  onWidth(width: number): void;
  /** Back to the width of the first start. */
  onReset(): void;
}

const KEY_STEP = 16;

/** The handle between a panel and its neighbour: dragged, moved by arrow keys, put back by a double click or Enter. */
export function Split({ label, edge, width, min, max, onWidth, onReset }: SplitProps) {
  const sign = edge === 'right' ? 1 : -1;
  const to = (wanted: number) => onWidth(Math.round(Math.max(min, Math.min(max, wanted))));
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.preventDefault();
    const handle = event.currentTarget;
    const { pointerId, clientX: start } = event;
    handle.setPointerCapture(pointerId);
    const move = ({ clientX }: globalThis.PointerEvent) => to(width + sign * (clientX - start));
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), {
      once: true,
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const wanted = {
      ArrowLeft: width - sign * KEY_STEP,
      ArrowRight: width + sign * KEY_STEP,
      Home: min,
      End: max,
    }[event.key];
    if (wanted !== undefined) to(wanted);
    else if (event.key === 'Enter') onReset();
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <hr> cannot be moved
    <div
      className={`split split-${edge}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      title="Drag, or use the arrow keys; a double click or Enter puts it back"
      onPointerDown={onPointerDown}
      onDoubleClick={onReset}
      onKeyDown={onKeyDown}
    />
  );
}
