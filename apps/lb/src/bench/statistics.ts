import { cpus, release, type } from 'node:os';

/** One measured figure, as a line of JSON; `value` is the median of `n` windows. */
export interface Figure {
  readonly name: string;
  readonly unit: 'Mpps' | 'ms' | 'us' | 'ns' | 'entries';
  readonly value: number;
  readonly n: number;
  readonly min: number;
  readonly max: number;
}

export function figure(name: string, unit: Figure['unit'], samples: readonly number[]): Figure {
  const value = rounded(median(samples));
  return {
    name,
    unit,
    value,
    n: samples.length,
    min: rounded(Math.min(...samples)),
    max: rounded(Math.max(...samples)),
  };
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three decimals: more would pretend. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** What a figure was measured on. */
export function machine(): { machine: string; node: string } {
  const all = cpus();
  const model = all[0]?.model.trim() ?? 'unknown processor';
  return { machine: `${all.length} x ${model}, ${type()} ${release()} ${process.arch}`, node: process.version };
}
