import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  addressEquals,
  addressTo16,
  compareAddresses,
  formatAddress,
  parseAddress,
  rawWord,
} from './address.js';
import { LbError } from './errors.js';

const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => ({ family: 4 as const, bytes })),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ({ family: 6 as const, bytes })),
  // Runs of zeros, where RFC 5952 has its rules.
  fc
    .array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 })
    .map((bytes) => ({ family: 6 as const, bytes: Uint8Array.from(bytes) })),
);

describe('parseAddress', () => {
  it.each([
    ['192.0.2.1', 4, [192, 0, 2, 1]],
    ['0.0.0.0', 4, [0, 0, 0, 0]],
    ['255.255.255.255', 4, [255, 255, 255, 255]],
    ['::', 6, Array(16).fill(0)],
    ['2001:DB8::7', 6, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]],
    ['1:2:3:4:5:6:7:8', 6, [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['::ffff:192.0.2.1', 6, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1]],
    ['64:ff9b::192.0.2.33', 6, [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33]],
    ['::192.0.2.1', 6, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1]],
  ] as const)('reads %s', (text, family, bytes) => {
    expect(parseAddress(text)).toEqual({ family, bytes: Uint8Array.from(bytes) });
  });

  it.each([
    '',
    '10.1',
    '10',
    '010.0.0.1',
    '0x0a.0.0.1',
    '1.2.3.256',
    '1.2.3.4.5',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1.2.3.4/32',
    'fe80::1%eth0',
    '::ffff:01.2.3.4',
    '::ffff:0x1.2.3.4',
    '::ffff:1.2.3',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::g',
    'localhost',
  ])('refuses %j', (text) => {
    const refusal = (() => {
      try {
        return parseAddress(text);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(LbError);
    expect(refusal).toMatchObject({ code: 'LB_ADDR_INVALID', message: expect.stringContaining(`'${text}'`) });
  });

  it('says how to mend a form that other programs accept', () => {
    expect(() => parseAddress('10.1')).toThrow(expect.objectContaining({ hint: expect.stringContaining('all four') }));
    expect(() => parseAddress('fe80::1%eth0')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('zone') }),
    );
  });
});

describe('formatAddress', () => {
  // Cases of RFC 5952 sections 4 and 5.
  it.each([
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:1:0:0:1:0:0', '::1:0:0:1:0:0'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['0:0:0:0:0:ffff:c000:201', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
    ['0::0', '::'],
  ])('writes %s as %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text))).toBe(canonical);
  });

  it('is read back as the same address', () => {
    fc.assert(
      fc.property(anyAddress, (a) => {
        expect(parseAddress(formatAddress(a))).toEqual(a);
      }),
    );
  });
});

describe('order', () => {
  it('puts 12 zero bytes in front of IPv4', () => {
    expect([...addressTo16(parseAddress('10.0.0.1'))]).toEqual([...Array(12).fill(0), 10, 0, 0, 1]);
  });

  it('is that of the 16-byte forms, IPv4 first where they are equal', () => {
    const texts = ['2001::1', '10.0.0.10', '::a00:1', '255.0.0.1', '10.0.0.1', '10.0.0.2'];
    expect(texts.map(parseAddress).sort(compareAddresses).map(formatAddress)).toEqual([
      '10.0.0.1',
      '::a00:1',
      '10.0.0.2',
      '10.0.0.10',
      '255.0.0.1',
      '2001::1',
    ]);
    fc.assert(
      fc.property(anyAddress, anyAddress, (a, b) => {
        const byBytes = Buffer.compare(addressTo16(a), addressTo16(b));
        expect(Math.sign(compareAddresses(a, b))).toBe(byBytes || Math.sign(a.family - b.family));
        expect(addressEquals(a, b)).toBe(compareAddresses(a, b) === 0);
        expect(addressEquals(a, { ...a })).toBe(true);
      }),
    );
  });
});

it('rawWord reads little-endian, unsigned, at any offset', () => {
  expect(rawWord(Uint8Array.of(9, 0x11, 0x22, 0x33, 0xf4), 1)).toBe(0xf4332211);
});
