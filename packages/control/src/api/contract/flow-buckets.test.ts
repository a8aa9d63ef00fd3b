import { expect, it } from 'vitest';
import { decodeFlowBuckets, encodeFlowBuckets, type FlowBuckets } from './flow-buckets.js';

const SAMPLE: FlowBuckets = {
  flows: 70_005,
  buckets: Uint32Array.of(0, 5, 70_000, 0),
  unknownBucket: 0,
  ages: [
    { belowSec: 10, flows: 5 },
    { belowSec: null, flows: 69_999 },
  ],
  unknownAge: 1,
};

it('flows by bucket in binary form are as docs/api.md has them', () => {
  const { buckets: _, ...totals } = SAMPLE;
  const text = JSON.stringify(totals).padEnd(116);
  expect(text.length % 4).toBe(0);
  expect(Buffer.from(encodeFlowBuckets(SAMPLE)).toString('hex')).toBe(
    // 'LBFB', version 1, 4 buckets, 116 bytes of totals
    `4c424642 01000000 04000000 74000000 ${Buffer.from(text).toString('hex')} 00000000 05000000 70110100 00000000`.replace(
      / /g,
      '',
    ),
  );
});

it('and come back as they were, wherever they lie in a buffer', () => {
  const bytes = encodeFlowBuckets(SAMPLE);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(decodeFlowBuckets(shifted.subarray(3))).toEqual(SAMPLE);
});

it('cut short at any length, of another version, or something else, they are refused', () => {
  const bytes = encodeFlowBuckets(SAMPLE);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeFlowBuckets(bytes.subarray(0, length))).toThrow(RangeError);
  }
  const later = Uint8Array.from(bytes);
  later[4] = 2;
  expect(() => decodeFlowBuckets(later)).toThrow('version 2');
  expect(() => decodeFlowBuckets(new Uint8Array(100))).toThrow(RangeError);
});
