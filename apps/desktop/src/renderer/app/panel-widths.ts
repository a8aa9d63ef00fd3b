import { useCallback, useEffect, useRef, useState } from 'react';
import { useApp } from '../stores/index.js';

/** Widths of the panels beside the view, in pixels. */
export interface PanelWidths {
  readonly nav: number;
  readonly side: number;
}

export const NAV = { min: 120, max: 320 } as const;
export const SIDE = { min: 240, max: 720 } as const;
/** What is left for the view at least. */
const LEAST_MAIN = 420;
const SAVE_AFTER_MS = 300;

/** Widths for a window that nobody has arranged yet. @param windowPx width of the window */
export function defaultWidths(windowPx: number): PanelWidths {
  if (windowPx <= 1350) return { nav: 160, side: 300 };
  return windowPx < 2400 ? { nav: 190, side: 360 } : { nav: 220, side: 520 };
}

/** Widths that leave room for the view: the wider panel gives first. */
export function fitWidths({ nav, side }: PanelWidths, windowPx: number): PanelWidths {
  const room = Math.max(NAV.min + SIDE.min, windowPx - LEAST_MAIN);
  const narrower = Math.max(SIDE.min, Math.min(side, room - nav));
  return { nav: Math.max(NAV.min, Math.min(nav, room - narrower)), side: narrower };
}

/** The widths of the panels: those of the last time, or what fits the window. Changes are kept. */
export function usePanelWidths() {
  const { bridge } = useApp();
  const windowPx = useWindowWidth();
  const [chosen, setChosen] = useState<Partial<PanelWidths>>({});
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const unsaved = useRef<Record<string, number>>({});
  useEffect(() => {
    void bridge.call('settings.get', {}).then(({ panels: { nav = 0, side = 0 } }) => {
      // 0 stands for "as it fits".
      setChosen((now) => ({ ...(nav > 0 && { nav }), ...(side > 0 && { side }), ...now }));
    });
  }, [bridge]);
  const change = useCallback(
    (panel: keyof PanelWidths, width: number | null) => {
      setChosen(({ [panel]: _, ...others }) => (width === null ? others : { ...others, [panel]: width }));
      unsaved.current[panel] = width ?? 0;
      clearTimeout(timer.current);
      // One write for a drag, not one for each pixel.
      timer.current = setTimeout(() => {
        void bridge.call('settings.set', { panels: unsaved.current });
        unsaved.current = {};
      }, SAVE_AFTER_MS);
    },
    [bridge],
  );
  return { widths: fitWidths({ ...defaultWidths(windowPx), ...chosen }, windowPx), change };
}

function useWindowWidth(): number {
  const [width, setWidth] = useState(() => window.innerWidth);
  useEffect(() => {
    const measure = () => setWidth(window.innerWidth);
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, []);
  return width;
}
