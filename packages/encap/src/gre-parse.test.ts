import { describe, expect, it } from 'vitest';
import { frameOf, fromHex } from './frame.testkit.js';
import { golden } from './golden.testkit.js';
import { GRE_ERROR, parseGre } from './gre-parse.js';

interface ParseCase {
  name: string;
  innerFamily: 4 | 6;
  innerOffset: number;
  input: string;
}

const cases = golden<ParseCase>('gre-parse');
const named = (name: string): Uint8Array => fromHex(cases.find((c) => c.name === name)!.input);

function parse(bytes: Uint8Array, lengthBytes = bytes.length): number {
  const frame = frameOf(bytes);
  const found = parseGre(frame.u8, frame.ip, lengthBytes);
  return found < 0 ? found : found - frame.ip;
}

/** Copy of `bytes` with the byte at `at` changed. */
function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe('parseGre', () => {
  it.each(cases)('finds the inner packet: $name', (c) => {
    const bytes = fromHex(c.input);
    expect(parse(bytes)).toBe(c.innerOffset);
    expect(parse(bytes, bytes.length + 9)).toBe(c.innerOffset);
    expect(bytes[c.innerOffset] >>> 4).toBe(c.innerFamily);
  });

  it('refuses every truncation', () => {
    for (const c of cases) {
      const bytes = fromHex(c.input);
      for (let length = 0; length < bytes.length; length++) {
        expect(parse(bytes.subarray(0, length)), `${c.name} at ${length}`).toBe(GRE_ERROR.truncated);
      }
    }
  });

  it('refuses every cut that the outer payload length agrees with', () => {
    for (const c of cases.filter((one) => one.name.startsWith('ip6'))) {
      const bytes = fromHex(c.input);
      for (let length = 40; length < bytes.length; length++) {
        const cut = patched(patched(bytes.subarray(0, length), 4, 0), 5, length - 40);
        const expected =
          c.name.includes('checksum') && length >= c.innerOffset ? GRE_ERROR.checksum : GRE_ERROR.truncated;
        expect(parse(cut), `${c.name} at ${length}`).toBe(expected);
      }
    }
  });

  it('refuses a routing bit, the other bits of RFC 1701, and versions', () => {
    const bytes = named('ip6, plain, ip4 inside');
    for (const bit of [0x40, 0x08, 0x04]) expect(parse(patched(bytes, 40, bit))).toBe(GRE_ERROR.flags);
    for (let version = 1; version < 8; version++) expect(parse(patched(bytes, 41, version))).toBe(GRE_ERROR.version);
    expect(parse(patched(bytes, 40, 0x03))).toBe(44);
    expect(parse(patched(bytes, 41, 0xf8))).toBe(44);
  });

  it('refuses wrong checksums', () => {
    const bytes = named('ip6, checksum, ip4 inside');
    expect(parse(patched(bytes, bytes.length - 1, bytes[bytes.length - 1] ^ 1))).toBe(GRE_ERROR.checksum);
    const outer4 = named('ip4, plain, ip4 inside');
    expect(parse(patched(outer4, 8, outer4[8] - 1))).toBe(GRE_ERROR.checksum);
  });

  it('refuses outer fragments', () => {
    const v6 = named('ip6, plain, ip4 inside');
    expect(parse(patched(v6, 6, 44))).toBe(GRE_ERROR.fragment);
    const v4 = named('ip4, plain, ip4 inside');
    const more = patched(patched(v4, 6, v4[6] | 0x20), 10, v4[10] - 0x20);
    expect(parse(more)).toBe(GRE_ERROR.fragment);
  });

  it('refuses what is not GRE, and inner packets that are not what the protocol type says', () => {
    const bytes = named('ip6, plain, ip4 inside');
    expect(parse(patched(bytes, 6, 17))).toBe(GRE_ERROR.notGre);
    expect(parse(patched(bytes, 0, 0x50))).toBe(GRE_ERROR.notGre);
    expect(parse(patched(bytes, 42, 0x65))).toBe(GRE_ERROR.inner);
    expect(parse(patched(bytes, 44, 0x65))).toBe(GRE_ERROR.inner);
    expect(parse(patched(named('ip4, plain, ip4 inside'), 0, 0x44))).toBe(GRE_ERROR.notGre);
  });

  it('refuses an inner length beyond the outer packet', () => {
    const bytes = named('ip6, plain, ip6 inside');
    expect(parse(patched(bytes, 49, bytes[49] + 1))).toBe(GRE_ERROR.truncated);
    expect(parse(patched(bytes, 49, bytes[49] - 1))).toBe(44);
  });
});
