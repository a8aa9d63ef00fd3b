import { cpus } from 'node:os';

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

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Four digits are more than any of these is good for. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
