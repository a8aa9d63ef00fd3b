import { buildLpm4, buildLpm6, lookupLpm4, lookupLpm6, type Prefix } from '@lb/core';

/** A set of prefixes of both families, asked with addresses as they stand in frame memory. */
export class PrefixSet {
  private readonly table4: Uint32Array;
  private readonly table6: Uint32Array;

  /** @param prefixes none twice */
  constructor(prefixes: readonly Prefix[]) {
    const entries = prefixes.map((prefix) => ({ prefix, value: 0 }));
    this.table4 = buildLpm4(entries.filter(({ prefix }) => prefix.address.family === 4));
    this.table6 = buildLpm6(entries.filter(({ prefix }) => prefix.address.family === 6));
  }

  /** Whether the IPv4 address at byte offset `at` (a multiple of 4) is in one of them. */
  has4(u32: Uint32Array, at: number): boolean {
    return lookupLpm4(this.table4, 0, u32[at >>> 2]) >= 0;
  }

  /** The same for IPv6. */
  has6(u32: Uint32Array, at: number): boolean {
    const i = at >>> 2;
    return lookupLpm6(this.table6, 0, u32[i], u32[i + 1], u32[i + 2], u32[i + 3]) >= 0;
  }
}
