import { useEffect, useLayoutEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../colors/index.js';
import { formatShort, formatTime } from '../ui/index.js';
import type { Series } from './rates.js';

export interface ChartLine {
  readonly name: string;
  /** What the legend calls it, if not by its name. */
  readonly title?: string;
  readonly color: string;
  /** Lengths of strokes and gaps; empty or absent: an unbroken line. */
  readonly dash?: readonly number[];
}

/** Patterns of lines, which differ by more than colour. */
export const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

export interface ChartProps {
  readonly label: string;
  readonly lines: readonly ChartLine[];
  readonly series: Series;
  /** A value in words, for the legend. */
  readonly format: (value: number | null) => string;
  /** First and last second that are shown. */
  readonly from: number;
  readonly to: number;
}

const HEIGHT = 170;

/** Lines over the last minutes; a gap is where nothing is known. */
export function Chart({ label, lines, series, format, from, to }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const key = `${useTheme()} ${JSON.stringify(lines)}`;
  useLayoutEffect(() => {
    const element = box.current!;
    const chart = new uPlot(optionsOf(element, lines, format), [[], ...lines.map(() => [])], element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [key]);
  useEffect(() => {
    const data: uPlot.AlignedData = [[...series.x], ...series.values.map((values) => [...values])];
    plot.current?.batch(() => {
      plot.current!.setData(data, false);
      plot.current!.setScale('x', { min: from, max: to });
      // Without a pointer on it the legend tells the latest values.
      if (series.x.length > 0 && (plot.current!.cursor.left ?? -1) < 0)
        plot.current!.setLegend({ idx: series.x.length - 1 });
    });
  }, [series, from, to, key]);
  return <div ref={box} className="chart" role="img" aria-label={label} />;
}

function optionsOf(element: HTMLElement, lines: readonly ChartLine[], format: ChartProps['format']): uPlot.Options {
  const style = getComputedStyle(element);
  const axis = {
    stroke: style.getPropertyValue('--muted'),
    grid: { stroke: style.getPropertyValue('--border'), width: 1 },
    ticks: { stroke: style.getPropertyValue('--border'), width: 1 },
  };
  return {
    width: Math.max(100, element.clientWidth),
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, space: 90, values: (_, splits) => splits.map((second) => formatTime(second * 1000)) },
      { ...axis, size: 64, values: (_, splits) => splits.map((value) => formatShort(value)) },
    ],
    series: [
      { label: 'at', value: (_, second) => (second == null ? '–' : formatTime(second * 1000)) },
      ...lines.map(({ name, title = name, color, dash = [] }) => ({
        label: title,
        stroke: color,
        dash: [...dash],
        width: 1.5,
        points: { show: false },
        // uPlot has no value at all where it has no points.
        value: (_: uPlot, value: number | null | undefined) => format(value ?? null),
      })),
    ],
  };
}
