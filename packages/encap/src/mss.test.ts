import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectOnly, frameOf, fromHex } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import { clampMss } from './mss.js';
import { fillChecksums } from './oracle.testkit.js';

interface MssCase {
  name: string;
  l4: number;
  mss: number;
  input: string;
  expected: string;
}

const cases = golden<MssCase>('mss');

describe('clampMss', () => {
  it.each(cases)('makes the segment scapy makes: $name', (c) => {
    const bytes = fromHex(c.input);
    const frame = frameOf(bytes);
    const changed = clampMss(frame.u8, frame.u16, frame.ip + c.l4, frame.ip + bytes.length, c.mss);
    expectOnly(frame, frame.ip, fromHex(c.expected));
    expect(changed).toBe(c.input === c.expected ? 0 : 1);
  });

  it('leaves a segment alone whose options are cut off', () => {
    for (const c of cases) {
      const whole = fromHex(c.input);
      for (let length = c.l4; length < whole.length; length++) {
        const bytes = whole.subarray(0, length);
        const frame = frameOf(bytes);
        expect(clampMss(frame.u8, frame.u16, frame.ip + c.l4, frame.ip + length, c.mss)).toBe(0);
        expectOnly(frame, frame.ip, bytes);
      }
    }
  });

  it.each([
    ['a length of 1', [3, 1, 2, 4, 0xff, 0xff, 0, 0]],
    ['a length of 0', [3, 0, 2, 4, 0xff, 0xff, 0, 0]],
    ['an option across the end of the header', [1, 1, 1, 1, 1, 2, 4, 0xff]],
    ['a length byte behind the end of the header', [1, 1, 1, 1, 1, 1, 1, 2]],
    ['an MSS of another length', [2, 6, 0xff, 0xff, 0xff, 0xff, 1, 1]],
    ['an MSS behind the end of the list', [0, 2, 2, 4, 0xff, 0xff, 1, 1]],
  ])('stops at %s', (_name, list) => {
    const header = fromHex(cases[0].input).subarray(0, 40);
    const bytes = Uint8Array.from([...header, ...list, 4, 0xff, 0xff, 0xff]);
    bytes[32] = 7 << 4;
    const frame = frameOf(bytes);
    expect(clampMss(frame.u8, frame.u16, frame.ip + 20, frame.ip + bytes.length, 1380)).toBe(0);
    expectOnly(frame, frame.ip, bytes);
  });

  it('keeps the checksum right and stays inside the options for any option bytes', () => {
    const octet = fc.oneof(fc.constantFrom(0, 1, 2, 4, 0xff), fc.nat(255));
    const options = fc.nat(10).chain((n) => fc.array(octet, { minLength: 4 * n, maxLength: 4 * n }));
    fc.assert(
      fc.property(options, fc.nat(15), fc.nat(0xffff), (list, dataOffset, mss) => {
        const header = fromHex(cases[0].input).subarray(0, 40);
        const bytes = Uint8Array.from([...header, ...list]);
        bytes.set([0, bytes.length], 2);
        bytes[32] = dataOffset << 4;
        fillChecksums(bytes, 20, 6);
        const frame = frameOf(bytes);
        clampMss(frame.u8, frame.u16, frame.ip + 20, frame.ip + bytes.length, mss);
        const result = frame.u8.slice(frame.ip, frame.ip + bytes.length);
        expectOnly(frame, frame.ip, result);
        const recomputed = result.slice();
        fillChecksums(recomputed, 20, 6);
        expect(result).toEqual(recomputed);
        expect(result.subarray(0, 36)).toEqual(bytes.subarray(0, 36));
        expect(result.subarray(20 + 4 * Math.max(dataOffset, 5))).toEqual(
          bytes.subarray(20 + 4 * Math.max(dataOffset, 5)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('clamps every MSS option, as receivers take the last', () => {
    const bytes = fromHex(cases[0].input);
    const twice = Uint8Array.from([...bytes, 2, 4, 0x23, 0x00]);
    twice.set([0, twice.length], 2);
    twice[32] = 7 << 4;
    fillChecksums(twice, 20, 6);
    const frame = frameOf(twice);
    clampMss(frame.u8, frame.u16, frame.ip + 20, frame.ip + twice.length, 1380);
    twice.set([0x05, 0x64], 42);
    twice.set([0x05, 0x64], 46);
    fillChecksums(twice, 20, 6);
    expectOnly(frame, frame.ip, twice);
  });
});
