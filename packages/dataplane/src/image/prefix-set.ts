import { type Address, formatPrefix, type Prefix } from '@lb/core';
import { P, PREFIX_PER_PORT } from './layout.js';

/** Numbers the distinct prefixes of a configuration and makes their records. */
export class PrefixSet {
  private readonly numbers = new Map<string, number>();
  private readonly list: Prefix[] = [];
  private readonly words: number[] = [];

  /** @param vipSlot slot of an all-port VIP, or -1 for a per-port one */
  add(prefix: Prefix, vipSlot: number): number {
    const key = formatPrefix(prefix);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.list.length;
    this.numbers.set(key, number);
    this.list.push(prefix);
    this.words.push(vipSlot < 0 ? PREFIX_PER_PORT : vipSlot, 0);
    return number;
  }

  /** A node address. If it is a VIP's prefix as well, it stays that. */
  addNode(address: Address): void {
    const before = this.list.length;
    const number = this.add(hostPrefix(address), -1);
    if (number === before) this.words[number * P.WORDS + P.NODE] = 1;
  }

  numberOf(prefix: Prefix): number {
    return this.numbers.get(formatPrefix(prefix))!;
  }

  records(): Uint32Array {
    return Uint32Array.from(this.words);
  }

  entries(family: 4 | 6): { prefix: Prefix; value: number }[] {
    return this.list.map((prefix, value) => ({ prefix, value })).filter((e) => e.prefix.address.family === family);
  }
}

export function hostPrefix(address: Address): Prefix {
  return { address, length: address.bytes.length * 8 };
}
