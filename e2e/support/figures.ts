import { cpus, loadavg } from 'node:os';

/** Collects samples by name and prints each figure as one line of JSON: median, least and most. */
export class Figures {
  readonly #samples = new Map<string, { unit: string; values: number[] }>();
  readonly #machine = `${cpus()[0]?.model}, ${cpus().length} cores`;

  add(name: string, unit: string, ...values: readonly number[]): void {
    const sample = this.#samples.get(name) ?? { unit, values: [] };
    sample.values.push(...values);
    this.#samples.set(name, sample);
  }

  print(): void {
    for (const [name, { unit, values }] of this.#samples) {
      const spread = { n: values.length, min: rounded(Math.min(...values)), max: rounded(Math.max(...values)) };
      const figure = { name, unit, value: rounded(median(values)), ...spread, machine: this.#machine };
      process.stdout.write(`${JSON.stringify(figure)}\n`);
    }
  }
}

/** Prints the figures of several rounds as one line of JSON: median, least and most, and how busy the machine was. */
export function printRounds(name: string, unit: string, figures: readonly number[]): void {
  const sorted = [...figures].sort((one, other) => one - other).map((figure) => Math.round(figure * 100) / 100);
  const [value, min, max] = [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)];
  const machine = `${cpus()[0]?.model}, ${cpus().length} cores`;
  const load = Math.round(loadavg()[0]! * 10) / 10;
  process.stdout.write(`${JSON.stringify({ name, unit, value, min, max, n: sorted.length, load, machine })}\n`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Four digits are more than any of these is good for. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
