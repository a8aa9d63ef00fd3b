import { type Address, type Prefix, prefixMask } from '@lb/core';

interface Length<T> {
  readonly length: number;
  readonly mask: Uint8Array;
  readonly values: Map<string, T>;
}

/** Longest-prefix match over both families with any value: for control, where the image's tables hold numbers only. */
export class LongestMatch<T> {
  /** Per family, longest first. */
  readonly #lengths: Record<4 | 6, Length<T>[]> = { 4: [], 6: [] };

  /** Of several values for one prefix the first stays. */
  add(prefix: Prefix, value: T): void {
    const { values } = this.#ofLength(prefix.address.family, prefix.length);
    const key = byteKey(prefix.address.bytes);
    if (!values.has(key)) values.set(key, value);
  }

  /** The value of the longest prefix that contains the address. */
  find(address: Address): T | undefined {
    for (const { mask, values } of this.#lengths[address.family]) {
      const value = values.get(byteKey(address.bytes.map((byte, i) => byte & mask[i])));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #ofLength(family: 4 | 6, length: number): Length<T> {
    const lengths = this.#lengths[family];
    let found = lengths.find((entry) => entry.length === length);
    if (found === undefined) {
      found = { length, mask: prefixMask(family, length), values: new Map() };
      lengths.push(found);
      lengths.sort((a, b) => b.length - a.length);
    }
    return found;
  }
}

/** Bytes as a map key; addresses of the two families differ in length. */
export function byteKey(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
