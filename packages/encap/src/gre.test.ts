import { describe, expect, it } from 'vitest';
import { sumBytes } from './checksum.js';
import { EncapError } from './errors.js';
import { ETHERTYPE_IP4_RAW, ETHERTYPE_IP6_RAW, moveEthernet } from './ethernet.js';
import { expectOnly, frameOf, fromHex, rawWords, type TestFrame } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import {
  encapGre4,
  encapGre4WithSource,
  encapGre6,
  GRE4_OVERHEAD,
  GRE6_OVERHEAD,
  gre4Template,
  gre6Template,
  TEMPLATE_WORDS,
} from './gre.js';
import { parseGre } from './gre-parse.js';

interface GreCase {
  name: string;
  innerFamily: 4 | 6;
  outerFamily: 4 | 6;
  ethernetBytes: number;
  src: string;
  dst: string;
  input: string;
  expected: string;
}

/** The input frame in memory with its IP header where `ip` says; its Ethernet header ends there. */
function place(c: GreCase): TestFrame & { lengthBytes: number } {
  const bytes = fromHex(c.input);
  const frame = frameOf(bytes.subarray(c.ethernetBytes));
  frame.u8.set(bytes.subarray(0, c.ethernetBytes), frame.ip - c.ethernetBytes);
  return { ...frame, lengthBytes: bytes.length - c.ethernetBytes };
}

/** Where the old Ethernet header stood behind the new outer header, its bytes are nobody's: guards again. */
function expectFrame(frame: TestFrame, overhead: number, c: GreCase): void {
  const start = frame.ip - overhead - c.ethernetBytes;
  expectOnly(frame, start, fromHex(c.expected));
}

describe('encapsulation', () => {
  const at = 5;

  function encap(c: GreCase, withSource: boolean): { frame: TestFrame & { lengthBytes: number }; overhead: number } {
    const frame = place(c);
    const { u16, u32, ip, lengthBytes } = frame;
    const tpl = new Uint32Array(at + TEMPLATE_WORDS);
    const overhead = c.outerFamily === 4 ? GRE4_OVERHEAD : GRE6_OVERHEAD;
    const etherType = c.outerFamily === 4 ? ETHERTYPE_IP4_RAW : ETHERTYPE_IP6_RAW;
    moveEthernet(u16, ip - c.ethernetBytes, ip - overhead - c.ethernetBytes, c.ethernetBytes, etherType);
    if (c.outerFamily === 6) {
      gre6Template(fromHex(c.src), fromHex(c.dst), c.innerFamily, tpl, at);
      encapGre6(u32, ip, lengthBytes, tpl, at);
    } else if (withSource) {
      gre4Template(Uint8Array.of(1, 2, 3, 4), fromHex(c.dst), c.innerFamily, tpl, at);
      encapGre4WithSource(u32, ip, lengthBytes, tpl, at, rawWords(c.src)[0]);
    } else {
      gre4Template(fromHex(c.src), fromHex(c.dst), c.innerFamily, tpl, at);
      encapGre4(u32, ip, lengthBytes, tpl, at);
    }
    return { frame, overhead };
  }

  const cases = golden<GreCase>('gre');

  it.each(cases)('makes the frame scapy makes: $name', (c) => {
    const { frame, overhead } = encap(c, false);
    expectFrame(frame, overhead, c);
  });

  it('takes another outer source than the template has', () => {
    for (const c of cases.filter((one) => one.outerFamily === 4)) {
      const { frame, overhead } = encap(c, true);
      expectFrame(frame, overhead, c);
    }
  });

  it('is undone by parseGre', () => {
    for (const c of cases) {
      const { frame, overhead } = encap(c, false);
      expect(parseGre(frame.u8, frame.ip - overhead, frame.lengthBytes + overhead)).toBe(frame.ip);
    }
  });

  it('has a valid header checksum for every length, both zeros of the sum included', () => {
    const frame = frameOf(new Uint8Array(20));
    const tpl = new Uint32Array(TEMPLATE_WORDS);
    gre4Template(Uint8Array.of(255, 255, 255, 255), Uint8Array.of(0xd0, 0x3a, 0, 0), 4, tpl, 0);
    for (let lengthBytes = 20; lengthBytes <= 65_535 - GRE4_OVERHEAD; lengthBytes++) {
      encapGre4(frame.u32, frame.ip, lengthBytes, tpl, 0);
      const checksum = frame.u16[(frame.ip - 14) >>> 1];
      if (sumBytes(frame.u8, frame.ip - 24, 20) !== 0xffff || checksum === 0xffff) expect.fail(`at ${lengthBytes}`);
      encapGre4WithSource(frame.u32, frame.ip, lengthBytes, tpl, 0, 0xffff_ffff);
      if (frame.u16[(frame.ip - 14) >>> 1] !== checksum) expect.fail(`with source at ${lengthBytes}`);
    }
  });
});

describe('templates', () => {
  const four = new Uint8Array(4);
  const sixteen = new Uint8Array(16);
  const out = new Uint32Array(TEMPLATE_WORDS);
  const code = (make: () => void): string => {
    try {
      make();
    } catch (error) {
      if (error instanceof EncapError) return error.code;
    }
    return 'none';
  };

  it('refuse addresses of another length and unknown families', () => {
    expect(code(() => gre4Template(sixteen, four, 4, out, 0))).toBe('LB_ENC_ADDRESS_BYTES');
    expect(code(() => gre4Template(four, sixteen, 4, out, 0))).toBe('LB_ENC_ADDRESS_BYTES');
    expect(code(() => gre6Template(four, sixteen, 4, out, 0))).toBe('LB_ENC_ADDRESS_BYTES');
    expect(code(() => gre6Template(sixteen, four, 4, out, 0))).toBe('LB_ENC_ADDRESS_BYTES');
    expect(code(() => gre4Template(four, four, 5 as 4, out, 0))).toBe('LB_ENC_INNER_FAMILY');
    expect(code(() => gre6Template(sixteen, sixteen, 0 as 6, out, 0))).toBe('LB_ENC_INNER_FAMILY');
    expect(out).toEqual(new Uint32Array(TEMPLATE_WORDS));
  });

  it('name the field and the value in the message', () => {
    expect(() => gre4Template(four, sixteen, 4, out, 0)).toThrow('outer destination has 16 bytes, expected 4');
  });
});
