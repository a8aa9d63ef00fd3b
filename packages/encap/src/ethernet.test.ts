import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ETHERTYPE_IP6_RAW, moveEthernet, swapMac } from './ethernet.js';
import { frameOf, fromHex } from './frame.testkit.js';

describe('moveEthernet', () => {
  it('copies the header over any distance, overlapping or not, and touches nothing else', () => {
    const distance = fc.integer({ min: -30, max: 30 }).map((n) => n * 2);
    fc.assert(
      fc.property(fc.constantFrom(14, 18, 22), distance, (lengthBytes, by) => {
        const header = Uint8Array.from({ length: lengthBytes }, (_, i) => i + 1);
        const frame = frameOf(header);
        const from = frame.ip;
        const expected = frame.u8.slice();
        expected.set(header, from + by);
        expected.set([0x86, 0xdd], from + by + lengthBytes - 2);
        moveEthernet(frame.u16, from, from + by, lengthBytes, ETHERTYPE_IP6_RAW);
        expect(frame.u8).toEqual(expected);
      }),
    );
  });
});

describe('swapMac', () => {
  it('swaps the addresses and touches nothing else', () => {
    const frame = frameOf(fromHex('0201020304050a0b0c0d0e0f8100'));
    const expected = frame.u8.slice();
    expected.set(fromHex('0a0b0c0d0e0f0201020304058100'), frame.ip);
    swapMac(frame.u16, frame.ip);
    expect(frame.u8).toEqual(expected);
  });
});
