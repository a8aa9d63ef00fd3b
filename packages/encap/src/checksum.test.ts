import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cornerWord16, cornerWord32, randomPacket } from './arbitrary.testkit.js';
import { swap16 } from './byte-order.js';
import {
  finish,
  fold,
  pseudoHeaderSum4,
  pseudoHeaderSum6,
  replaceWord16,
  replaceWord32,
  sumBytes,
} from './checksum.js';
import { frameOf } from './frame.testkit.js';
import { slowChecksum } from './oracle.testkit.js';

describe('sumBytes, fold, finish', () => {
  it('gives the sum of RFC 1071 section 3', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(swap16(sumBytes(bytes, 0, 8))).toBe(0xddf2);
    expect(swap16(finish(sumBytes(bytes, 0, 8)))).toBe(0x220d);
  });

  it('folds every carry of a 32-bit sum and keeps the two zeros apart', () => {
    expect(fold(0)).toBe(0);
    expect(fold(0xffff)).toBe(0xffff);
    expect(fold(0x1_0000)).toBe(1);
    expect(fold(0x1_ffff)).toBe(1);
    expect(fold(0xffff_ffff)).toBe(0xffff);
    expect(finish(0)).toBe(0xffff);
    expect(finish(0xffff)).toBe(0);
  });

  it('agrees with plain addition in network order at any alignment and length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(9), (bytes, skip) => {
        const at = Math.min(skip, bytes.length);
        const raw = finish(sumBytes(bytes, at, bytes.length - at));
        expect(swap16(raw)).toBe(slowChecksum(bytes, at, bytes.length));
      }),
    );
  });

  it('chains over pieces and holds the largest IPv6 packet', () => {
    const ones = new Uint8Array(65_575).fill(0xff);
    expect(sumBytes(ones, 0, ones.length)).toBe(0xff);
    expect(sumBytes(ones, 40, ones.length - 40, sumBytes(ones, 0, 40))).toBe(0xff);
  });
});

describe('incremental update', () => {
  it('gives the example of RFC 1624 section 4, where equation 2 of RFC 1141 went wrong', () => {
    expect(replaceWord16(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  it('keeps 0xffff when the new data are all zeros, as full computation would', () => {
    expect(replaceWord16(0x0000, 0xffff, 0x0000)).toBe(0x0000);
    expect(replaceWord16(0xffff, 0xffff, 0x0000)).toBe(0xffff);
    expect(replaceWord32(0xffff, 0xffff_ffff, 0)).toBe(0xffff);
  });

  it('equals full computation after one word changed, corner sums included', () => {
    fc.assert(
      fc.property(fc.array(cornerWord16, { minLength: 4, maxLength: 8 }), cornerWord16, (words, word) => {
        const before = Uint16Array.from(words);
        const after = Uint16Array.from(words);
        after[2] = word;
        fc.pre(after.some((w) => w !== 0));
        const old = finish(sumBytes(new Uint8Array(before.buffer), 0, before.byteLength));
        const expected = finish(sumBytes(new Uint8Array(after.buffer), 0, after.byteLength));
        expect(replaceWord16(old, before[2], word)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('equals full computation after a 32-bit word changed, given signed or unsigned', () => {
    fc.assert(
      fc.property(fc.array(cornerWord32, { minLength: 3, maxLength: 5 }), cornerWord32, (words, word) => {
        const before = Uint32Array.from(words);
        const after = Uint32Array.from(words);
        after[1] = word;
        fc.pre(after.some((w) => w !== 0));
        const old = finish(sumBytes(new Uint8Array(before.buffer), 0, before.byteLength));
        const expected = finish(sumBytes(new Uint8Array(after.buffer), 0, after.byteLength));
        expect(replaceWord32(old, before[1], word)).toBe(expected);
        expect(replaceWord32(old, before[1] | 0, word | 0)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('pseudo-header sums', () => {
  const parts = { ip4: randomPacket(4), ip6: randomPacket(6) };

  it.each(Object.entries(parts))('%s: with the transport bytes they add up to a valid checksum', (_name, packets) => {
    fc.assert(
      fc.property(packets, ({ family, protocol, l4, bytes }) => {
        const { u8, u32, ip } = frameOf(bytes);
        const pseudoHeaderSum = family === 4 ? pseudoHeaderSum4 : pseudoHeaderSum6;
        const l4Bytes = bytes.length - l4;
        expect(sumBytes(u8, ip + l4, l4Bytes, pseudoHeaderSum(u32, ip, protocol, l4Bytes))).toBe(0xffff);
      }),
    );
  });
});
