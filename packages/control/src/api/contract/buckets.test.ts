import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBuckets, encodeBuckets } from './buckets.js';

describe('bucket tables in binary form', () => {
  it('as docs/api.md has them', () => {
    const bytes = encodeBuckets({ newLen: 4, ass: ['10.0.0.1'], buckets: Int32Array.of(0, -1, 0, 0) });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      // 'LBBK', version 1, 2 bytes a bucket, 4 buckets, 1 AS, 12 bytes of names, 0
      `4c42424b 0100 0200 04000000 01000000 0c000000 00000000 ${Buffer.from('["10.0.0.1"]').toString('hex')} 0000 ffff 0000 0000`.replace(
        / /g,
        '',
      ),
    );
  });

  it('come back as they were', () => {
    const table = fc.integer({ min: 0, max: 8 }).chain((power) => {
      const newLen = 2 ** power;
      const ass = fc.array(fc.ipV4(), { maxLength: 9 });
      return ass.chain((names) =>
        fc
          .array(fc.integer({ min: -1, max: names.length - 1 }), { minLength: newLen, maxLength: newLen })
          .map((buckets) => ({ newLen, ass: names, buckets: Int32Array.from(buckets) })),
      );
    });
    fc.assert(
      fc.property(table, (given) => {
        expect(decodeBuckets(encodeBuckets(given))).toEqual(given);
      }),
    );
  });

  it('with more ASs than two bytes tell apart', () => {
    const ass = Array.from({ length: 70_000 }, (_, n) => `${n}`);
    const given = { newLen: 4, ass, buckets: Int32Array.of(69_999, -1, 65_535, 0) };
    expect(decodeBuckets(encodeBuckets(given))).toEqual(given);
  });

  it('cut short at any length, of another version, or something else, are refused', () => {
    const bytes = encodeBuckets({ newLen: 8, ass: ['10.0.0.1', '::1'], buckets: new Int32Array(8) });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeBuckets(bytes.subarray(0, length))).toThrow(RangeError);
    }
    const later = Uint8Array.from(bytes);
    later[4] = 2;
    expect(() => decodeBuckets(later)).toThrow('version 2');
    expect(() => decodeBuckets(new Uint8Array(100))).toThrow(RangeError);
  });
});
