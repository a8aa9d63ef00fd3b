import { describe, it } from 'vitest';
import { expectOnly, frameOf, fromHex, rawPort, rawWords, type TestFrame } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import { natIcmpError4, natIcmpError6 } from './icmp-nat.js';
import type { Side } from './nat.js';

interface IcmpNatCase {
  name: string;
  family: 4 | 6;
  icmp: number;
  side: Side;
  rewriteOuter: boolean;
  addr: string;
  embeddedAddr: string;
  embeddedPort: number;
  embeddedIp: number;
  embeddedL4: number;
  embeddedProtocol: number;
  input: string;
  expected: string;
}

const cases = golden<IcmpNatCase>('icmp-nat');

function translate(frame: TestFrame, c: IcmpNatCase, lengthBytes: number, endOffset: number): void {
  const { u16, u32, ip } = frame;
  const [w0, w1, w2, w3] = rawWords(c.addr);
  const [e0, e1, e2, e3] = rawWords(c.embeddedAddr);
  const port = rawPort(c.embeddedPort);
  const icmp = ip + c.icmp;
  const inner = ip + c.embeddedIp;
  const l4 = c.embeddedL4 === 0 ? 0 : ip + c.embeddedL4;
  const { side, rewriteOuter, embeddedProtocol: protocol } = c;
  if (c.family === 4) {
    natIcmpError4(u16, u32, ip, icmp, lengthBytes, side, rewriteOuter, w0, e0, port, inner, l4, protocol, endOffset);
  } else {
    natIcmpError6(
      ...([u16, u32, ip, icmp, lengthBytes, side, rewriteOuter] as const),
      ...([w0, w1, w2, w3, e0, e1, e2, e3, port] as const),
      ...([inner, l4, protocol, endOffset] as const),
    );
  }
}

describe('ICMP errors about translated flows', () => {
  it.each(cases)('become what scapy makes: $name', (c) => {
    const bytes = fromHex(c.input);
    const frame = frameOf(bytes);
    translate(frame, c, bytes.length, frame.ip + bytes.length);
    expectOnly(frame, frame.ip, fromHex(c.expected));
  });

  it('end at the outer length or at the end given, whichever comes first', () => {
    for (const c of cases.filter((one) => one.name.includes(', cut'))) {
      const bytes = fromHex(c.input);
      const [short, long] = [frameOf(bytes), frameOf(bytes)];
      translate(short, c, bytes.length, short.ip + bytes.length + 64);
      expectOnly(short, short.ip, fromHex(c.expected));
      translate(long, c, bytes.length + 64, long.ip + bytes.length);
      expectOnly(long, long.ip, fromHex(c.expected));
    }
  });

  it('never write behind their end, wherever they are cut', () => {
    for (const c of cases) {
      const whole = fromHex(c.input);
      for (let length = c.embeddedIp; length < whole.length; length++) {
        const frame = frameOf(whole.subarray(0, length));
        translate(frame, c, length, frame.ip + length);
        expectOnly(frame, frame.ip, frame.u8.slice(frame.ip, frame.ip + length));
      }
    }
  });
});
