import { describe, expect, it } from 'vitest';
import { frameOf, fromHex, rawWords, type TestFrame } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import {
  writeFragmentationNeeded4,
  writePacketTooBig6,
  writeTimeExceeded4,
  writeTimeExceeded6,
} from './icmp-errors.js';

interface ErrorCase {
  name: string;
  error: 'fragmentation needed' | 'packet too big' | 'time exceeded';
  family: 4 | 6;
  src: string;
  mtu: number;
  input: string;
  expected: string;
}

function write(frame: TestFrame, c: ErrorCase, lengthBytes: number): number {
  const [s0, s1, s2, s3] = rawWords(c.src);
  if (c.error === 'fragmentation needed') return writeFragmentationNeeded4(frame, frame.ip, lengthBytes, s0, c.mtu);
  if (c.error === 'packet too big') return writePacketTooBig6(frame, frame.ip, lengthBytes, s0, s1, s2, s3, c.mtu);
  if (c.family === 4) return writeTimeExceeded4(frame, frame.ip, lengthBytes, s0);
  return writeTimeExceeded6(frame, frame.ip, lengthBytes, s0, s1, s2, s3);
}

describe('ICMP errors', () => {
  it.each(golden<ErrorCase>('icmp-errors'))('are what scapy makes: $name', (c) => {
    const offender = fromHex(c.input);
    const expected = fromHex(c.expected);
    const frame = frameOf(offender);
    const memory = frame.u8.slice();
    expect(write(frame, c, offender.length)).toBe(expected.length);
    memory.set(expected, frame.ip);
    expect(Buffer.from(frame.u8).equals(Buffer.from(memory))).toBe(true);
  });

  it('leave the bytes behind them alone, for offenders of every length', () => {
    for (const c of golden<ErrorCase>('icmp-errors').filter((one) => one.input.length > 2 * 1400)) {
      const offender = fromHex(c.input);
      const [overhead, most] = c.family === 4 ? [28, 576] : [48, 1280];
      for (let length = overhead - 8; length <= offender.length; length += 13) {
        const frame = frameOf(offender.subarray(0, length));
        const before = frame.u8.slice();
        const total = Math.min(length + overhead, most);
        expect(write(frame, c, length)).toBe(total);
        const end = frame.ip + total;
        expect(frame.u8.subarray(0, frame.ip)).toEqual(before.subarray(0, frame.ip));
        expect(frame.u8.subarray(end)).toEqual(before.subarray(end));
        expect(frame.u8.subarray(frame.ip + overhead, end)).toEqual(offender.subarray(0, total - overhead));
      }
    }
  });
});
