import * as z from 'zod';

/** Where the window was, in the units of the screen. */
export const boundsSchema = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1),
  height: z.int().min(1),
  maximized: z.boolean(),
});

export type WindowBounds = z.output<typeof boundsSchema>;
type Area = Pick<WindowBounds, 'x' | 'y' | 'width' | 'height'>;

export const MIN_WIDTH = 960;
export const MIN_HEIGHT = 600;
const FIRST_WIDTH = 1440;
const FIRST_HEIGHT = 900;

/**
 * Where to open the window: where it was, if enough of it to take hold of is on one of the screens, else in the middle of the first;
 * never larger than the screen.
 */
export function placeWindow(saved: WindowBounds | undefined, screens: readonly [Area, ...Area[]]): Area {
  const screen = saved === undefined ? undefined : screens.find((area) => overlaps(saved, area));
  const { width: wide, height: high, x: left, y: top } = screen ?? screens[0];
  const width = Math.min(saved?.width ?? FIRST_WIDTH, wide);
  const height = Math.min(saved?.height ?? FIRST_HEIGHT, high);
  if (saved !== undefined && screen !== undefined) return { x: saved.x, y: saved.y, width, height };
  return { x: left + ((wide - width) >> 1), y: top + ((high - height) >> 1), width, height };
}

/** Whether the title bar can be reached. */
function overlaps(window: Area, screen: Area): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  return across >= 100 && window.y >= screen.y - 8 && window.y <= screen.y + screen.height - 40;
}
