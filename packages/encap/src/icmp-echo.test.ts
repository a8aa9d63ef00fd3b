import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cornerWord16 } from './arbitrary.testkit.js';
import { sumBytes } from './checksum.js';
import { expectOnly, frameOf, fromHex } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import { replyEcho4, replyEcho6 } from './icmp-echo.js';

interface EchoCase {
  name: string;
  family: 4 | 6;
  icmp: number;
  input: string;
  expected: string;
}

describe('echo replies', () => {
  it.each(golden<EchoCase>('icmp-echo'))('are what scapy makes: $name', (c) => {
    const frame = frameOf(fromHex(c.input));
    const reply = c.family === 4 ? replyEcho4 : replyEcho6;
    reply(frame.u16, frame.u32, frame.ip, frame.ip + c.icmp);
    expectOnly(frame, frame.ip, fromHex(c.expected));
  });

  it('verify whatever the identifier, sequence number and data are', () => {
    const [request] = golden<EchoCase>('icmp-echo').filter((c) => c.name === 'ip4 reply of all zeros');
    fc.assert(
      fc.property(cornerWord16, cornerWord16, (idRaw, sequenceRaw) => {
        const frame = frameOf(fromHex(request.input));
        const { u8, u16, u32, ip } = frame;
        const icmp = ip + 20;
        u16.set([0, idRaw, sequenceRaw], (icmp + 2) >>> 1);
        u16[(icmp + 2) >>> 1] = ~sumBytes(u8, icmp, 8) & 0xffff;
        replyEcho4(u16, u32, ip, icmp);
        expect(sumBytes(u8, icmp, 8)).toBe(0xffff);
        expect(sumBytes(u8, ip, 20)).toBe(0xffff);
      }),
      { numRuns: 500 },
    );
  });

  it('keep a wrong checksum wrong', () => {
    for (const c of golden<EchoCase>('icmp-echo').filter((one) => one.family === 6)) {
      const bytes = fromHex(c.input);
      bytes[c.icmp + 7] ^= 1;
      const expected = fromHex(c.expected);
      expected[c.icmp + 7] ^= 1;
      const frame = frameOf(bytes);
      replyEcho6(frame.u16, frame.u32, frame.ip, frame.ip + c.icmp);
      expectOnly(frame, frame.ip, expected);
    }
  });
});
