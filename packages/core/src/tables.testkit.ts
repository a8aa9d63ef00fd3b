import fc from 'fast-check';
import { addressTo16, parseAddress } from './address.js';
import type { WeightedAs } from './weighted-as.js';

/** `{ '10.0.0.1': 100, … }` as ASs, in the order written. */
export function assOf(weights: Record<string, number>): WeightedAs[] {
  return Object.entries(weights).map(([text, weight]) => ({ address: parseAddress(text), weight }));
}

/** ASs 10.0.0.1, 10.0.0.2 and so on, with the weights of a list. */
export function numberedAss(weights: readonly number[]): WeightedAs[] {
  return weights.map((weight, i) => ({ address: parseAddress(`10.0.${(i + 1) >> 8}.${(i + 1) & 0xff}`), weight }));
}

/** 0 to `max` ASs of one family with different addresses; weights of every size, or few and repeated ones. */
export function arbitraryAss(max = 24): fc.Arbitrary<WeightedAs[]> {
  const weight = fc.oneof(fc.constantFrom(0, 1, 2, 50, 100), fc.nat({ max: 100 }), fc.nat({ max: 2 ** 31 - 1 }));
  const setOf = (family: 4 | 6, length: number) =>
    fc
      .uniqueArray(fc.uint8Array({ minLength: length, maxLength: length }), { maxLength: max, selector: String })
      .chain((all) =>
        fc
          .array(weight, { minLength: all.length, maxLength: all.length })
          .map((weights) => all.map((bytes, i) => ({ address: { family, bytes }, weight: weights[i] }))),
      );
  return fc.oneof(setOf(4, 4), setOf(6, 16));
}

/** Powers of two from 1 to `max`. */
export function arbitraryNewLen(max = 1024): fc.Arbitrary<number> {
  return fc.nat({ max: Math.log2(max) }).map((bits) => 2 ** bits);
}

/** A table by address instead of index, to compare tables of differently ordered ASs. */
export function namedBuckets(table: Int32Array, ass: readonly WeightedAs[]): string[] {
  return [...table].map((index) => (index < 0 ? 'no server' : String(addressTo16(ass[index].address))));
}

/** The same ASs in an order drawn from a seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const out = [...items];
  let state = seed | 1;
  for (let i = out.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
