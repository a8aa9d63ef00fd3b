import { type Address, rawWord } from '@lb/core';

/** A few addresses of both families, compared with addresses as they stand in frame memory. */
export class AddressList {
  private readonly words4: Uint32Array;
  private readonly words6: Uint32Array;

  constructor(addresses: readonly Address[]) {
    const of = (family: number): Address[] => addresses.filter((address) => address.family === family);
    this.words4 = Uint32Array.from(of(4), ({ bytes }) => rawWord(bytes, 0));
    this.words6 = Uint32Array.from(of(6).flatMap(({ bytes }) => [0, 4, 8, 12].map((at) => rawWord(bytes, at))));
  }

  /** Whether the IPv4 address at byte offset `at` (a multiple of 4) is one of them. */
  has4(u32: Uint32Array, at: number): boolean {
    return this.words4.includes(u32[at >>> 2]);
  }

  /** The same for IPv6. */
  has6(u32: Uint32Array, at: number): boolean {
    const { words6 } = this;
    const i = at >>> 2;
    for (let k = 0; k < words6.length; k += 4) {
      if (
        words6[k] === u32[i] &&
        words6[k + 1] === u32[i + 1] &&
        words6[k + 2] === u32[i + 2] &&
        words6[k + 3] === u32[i + 3]
      ) {
        return true;
      }
    }
    return false;
  }
}
