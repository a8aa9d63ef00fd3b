import { tableLines } from '@lb/control';
import { exactText, percentText } from '../text.js';
import type { BuildFigure } from './build-bench.js';
import type { EngineFigure } from './engine-bench.js';
import type { FloodFigure } from './flood-bench.js';
import type { LifetimeFigure } from './lifetime-bench.js';
import type { PublishFigure } from './publish-bench.js';

const left = (title: string) => ({ title, align: 'left' as const });
const right = (title: string) => ({ title, align: 'right' as const });

/** Engine figures as a table. */
export function engineText(figures: readonly EngineFigure[]): string[] {
  const titles = [
    'FLOWS',
    'BYTES',
    'ENGINE Mpps',
    'LEAST',
    'MOST',
    'ns/PACKET',
    'C LIMIT',
    'OF LIMIT',
    'COPY',
    'WITH GENERATOR Mpps',
    'TABLE',
    'UNTRACKED',
  ];
  const rows = figures.map((f) => [
    f.vipType,
    exactText(f.flows),
    String(f.packetSize),
    ...[f.value, f.min, f.max].map((value) => value.toFixed(2)),
    (1000 / f.value).toFixed(1),
    f.limitMpps?.toFixed(1) ?? '-',
    f.ofLimit?.toFixed(2) ?? '-',
    f.copyMpps?.toFixed(1) ?? '-',
    f.totalMpps.toFixed(2),
    percentText(f.occupancy, 0),
    exactText(f.untracked),
  ]);
  return tableLines([left('VIP TYPE'), ...titles.map(right)], rows);
}

/** What a change of image costs, as a table. */
export function publishText(f: PublishFigure): string[] {
  const titles = ['SERVERS', 'BUCKETS', 'IMAGE MiB', 'CHANGE us', 'LEAST', 'MOST'];
  const row = [
    exactText(f.ass),
    exactText(f.newLen),
    (f.imageBytes / 2 ** 20).toFixed(1),
    ...[f.value, f.min, f.max].map((value) => value.toFixed(1)),
  ];
  return tableLines(titles.map(right), [row]);
}

/** Build times as a table. */
export function buildText(figures: readonly BuildFigure[]): string[] {
  const rows = figures.map((f) => [
    f.table,
    exactText(f.ass),
    exactText(f.newLen),
    ...[f.value, f.min, f.max].map((value) => value.toFixed(2)),
  ]);
  return tableLines([left('TABLE'), ...['SERVERS', 'BUCKETS', 'BUILD ms', 'LEAST', 'MOST'].map(right)], rows);
}

/** What is left in flow tables, as a table. */
export function lifetimeText(figures: readonly LifetimeFigure[]): string[] {
  const titles = ['LIVE', 'LEAST', 'MOST', 'TABLE', 'UNTRACKED PACKETS'];
  const rows = figures.map((f) => [
    f.load,
    f.timeouts,
    ...[f.value, f.min, f.max].map((value) => exactText(Math.round(value))),
    percentText(f.occupancy, 1),
    percentText(f.untracked, 1),
  ]);
  return tableLines([left('LOAD'), left('TIMEOUTS'), ...titles.map(right)], rows);
}

/** Costs of a flood as a table. */
export function floodText(figures: readonly FloodFigure[]): string[] {
  const titles = ['TABLE', 'ns/PACKET', 'LEAST', 'MOST', 'GROWTH'];
  const rows = figures.map((f) => [
    percentText(f.flood, 0),
    percentText(f.occupancy, 1),
    ...[f.value, f.min, f.max].map((value) => value.toFixed(1)),
    f.growth.toFixed(2),
  ]);
  return tableLines(['FLOOD', ...titles].map(right), rows);
}
