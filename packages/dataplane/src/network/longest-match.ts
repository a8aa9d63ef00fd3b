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
    const { mask, values } = this.#ofLength(prefix.address.family, prefix.length);
    const key = maskedKey(prefix.address.bytes, mask);
    if (!values.has(key)) values.set(key, value);
  }

  /** The value of the longest prefix that contains the address. */
  find(address: Address): T | undefined {
    for (const { mask, values } of this.#lengths[address.family]) {
      const value = values.get(maskedKey(address.bytes, mask));
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

/** The bytes under the mask as a map key of two bytes a character. */
function maskedKey(bytes: Uint8Array, mask: Uint8Array): string {
  let key = '';
  for (let i = 0; i < bytes.length; i += 2) {
    key += String.fromCharCode(((bytes[i] & mask[i]) << 8) | (bytes[i + 1] & mask[i + 1]));
  }
  return key;
}

/** The bytes of an address as a map key; addresses of the two families differ in length. */
export function addressKey({ bytes }: Address): string {
  let key = '';
  for (let i = 0; i < bytes.length; i += 2) key += String.fromCharCode((bytes[i] << 8) | bytes[i + 1]);
  return key;
}
