import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, parseAddress } from './address.js';
import {
  formatPrefix,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixEquals,
  prefixMask,
  prefixOverlaps,
} from './prefix.js';

/** Few distinct bits, so that prefixes nest often. */
function closeAddress(family: 4 | 6): fc.Arbitrary<Address> {
  const size = family === 4 ? 4 : 16;
  return fc
    .array(fc.constantFrom(0, 0, 0x80, 0xff), { minLength: size, maxLength: size })
    .map((bytes) => ({ family, bytes: Uint8Array.from(bytes) }));
}

const anyPrefix: fc.Arbitrary<Prefix> = fc
  .constantFrom<4 | 6>(4, 6)
  .chain((family) =>
    fc
      .tuple(closeAddress(family), fc.nat({ max: family === 4 ? 32 : 128 }))
      .map(([address, length]) => parsePrefix(`${formatPrefix({ address, length })}`)),
  );

function bitsOf(address: Address): string {
  return [...address.bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

describe('parsePrefix', () => {
  it.each([
    ['90.0.0.0/8', '90.0.0.0/8'],
    ['90.1.2.3/8', '90.0.0.0/8'],
    ['10.255.255.255/9', '10.128.0.0/9'],
    ['90.1.2.1', '90.1.2.1/32'],
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['2002::/16', '2002::/16'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
    ['2004::1', '2004::1/128'],
    ['::/0', '::/0'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatPrefix(parsePrefix(text))).toBe(canonical);
  });

  it.each([
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10/8',
    '::/129',
    '::/x',
    '10.0.0.0 /8',
  ])('refuses %j', (text) => {
    const message = expect.stringContaining(`'${text}'`);
    expect(() => parsePrefix(text)).toThrow(expect.objectContaining({ code: 'LB_PREFIX_INVALID', message }));
  });

  it('is the inverse of formatPrefix', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
      }),
    );
  });
});

describe('relations of prefixes', () => {
  it('contain an address that begins with the same bits', () => {
    fc.assert(
      fc.property(anyPrefix, fc.constantFrom<4 | 6>(4, 6).chain(closeAddress), (prefix, address) => {
        const same =
          prefix.address.family === address.family &&
          bitsOf(address).startsWith(bitsOf(prefix.address).slice(0, prefix.length));
        expect(prefixContains(prefix, address)).toBe(same);
      }),
    );
  });

  it('overlap when one begins with the bits of the other', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        const common = Math.min(a.length, b.length);
        const same =
          a.address.family === b.address.family &&
          bitsOf(a.address).slice(0, common) === bitsOf(b.address).slice(0, common);
        expect(prefixOverlaps(a, b)).toBe(same);
        expect(prefixEquals(a, b)).toBe(formatPrefix(a) === formatPrefix(b));
      }),
    );
  });

  it('keep the families apart', () => {
    expect(prefixContains(parsePrefix('::/0'), parseAddress('10.0.0.1'))).toBe(false);
    expect(prefixOverlaps(parsePrefix('::/0'), parsePrefix('0.0.0.0/0'))).toBe(false);
    expect(prefixEquals(parsePrefix('::/0'), parsePrefix('0.0.0.0/0'))).toBe(false);
  });

  it('have a mask with as many ones as the length', () => {
    for (let length = 0; length <= 128; length++) {
      const bits = [...prefixMask(6, length)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      expect(bits).toBe('1'.repeat(length).padEnd(128, '0'));
    }
    expect([...prefixMask(4, 20)]).toEqual([255, 255, 240, 0]);
  });
});
