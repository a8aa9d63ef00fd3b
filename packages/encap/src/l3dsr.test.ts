import fc from 'fast-check';
import { describe, it } from 'vitest';
import { cornerWord32, randomPacket } from './arbitrary.testkit.js';
import { expectOnly, frameOf, fromHex, rawWords } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import { rewriteL3dsr } from './l3dsr.js';
import { fillChecksums } from './oracle.testkit.js';
import { decrementTtl4 } from './ttl.js';

interface L3dsrCase {
  name: string;
  l4: number;
  protocol: number;
  dst: string;
  dscp: number;
  input: string;
  expected: string;
}

describe('rewriteL3dsr', () => {
  it.each(golden<L3dsrCase>('l3dsr'))('with the TTL makes the packet scapy makes: $name', (c) => {
    const frame = frameOf(fromHex(c.input));
    const l4 = c.l4 === 0 ? 0 : frame.ip + c.l4;
    rewriteL3dsr(frame.u16, frame.u32, frame.ip, l4, c.protocol, rawWords(c.dst)[0], c.dscp);
    decrementTtl4(frame.u16, frame.ip);
    expectOnly(frame, frame.ip, fromHex(c.expected));
  });

  it('leaves what full computation gives, corner sums included', () => {
    fc.assert(
      fc.property(randomPacket(4), cornerWord32, fc.nat(63), ({ bytes, l4, protocol }, dstRaw, dscp) => {
        const frame = frameOf(bytes);
        rewriteL3dsr(frame.u16, frame.u32, frame.ip, frame.ip + l4, protocol, dstRaw, dscp);
        bytes[1] = (dscp << 2) | (bytes[1] & 3);
        new DataView(bytes.buffer).setUint32(16, dstRaw, true);
        fillChecksums(bytes, l4, protocol);
        expectOnly(frame, frame.ip, bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps out of memory behind the packet when its transport header is cut short', () => {
    for (const c of golden<L3dsrCase>('l3dsr')) {
      if (c.l4 === 0) continue;
      const whole = fromHex(c.input);
      for (let length = c.l4; length < whole.length; length++) {
        const bytes = whole.slice(0, length);
        bytes[2] = 0;
        bytes[3] = length;
        const frame = frameOf(bytes);
        rewriteL3dsr(frame.u16, frame.u32, frame.ip, frame.ip + c.l4, c.protocol, rawWords(c.dst)[0], c.dscp);
        expectOnly(frame, frame.ip, frame.u8.slice(frame.ip, frame.ip + length));
      }
    }
  });
});
