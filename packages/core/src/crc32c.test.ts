import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, crc32cPositionTables, crc32cRaw, crc32cRawWord } from './crc32c.js';

const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);

/** The iSCSI SCSI Read (10) command PDU of RFC 3720 B.4. */
const readPdu = Uint8Array.from(
  Buffer.from(
    '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' + '0200000000000000',
    'hex',
  ),
);

describe('CRC32C', () => {
  // RFC 3720 B.4 gives the CRC's bytes as sent, lowest first.
  it.each([
    ['32 bytes of zeros', new Uint8Array(32), 'aa36918a'],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), '43aba862'],
    ['32 incrementing bytes', ascending, '4e79dd46'],
    ['32 decrementing bytes', ascending.toReversed(), '5cdb3f11'],
    ['an iSCSI read PDU', readPdu, '563a96d9'],
  ])('of %s is as in RFC 3720', (_, bytes, sent) => {
    expect(crc32c(bytes)).toBe(Buffer.from(sent, 'hex').readUInt32LE());
  });

  it('of "123456789" is the catalogued check value', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('can be computed in pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(crc32c(b, crc32c(a))).toBe(crc32c(Uint8Array.of(...a, ...b)));
      }),
    );
  });
});

describe('raw CRC32C', () => {
  it('is the same register without preset and inversion', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(~crc32cRaw(bytes, 0xffffffff) >>> 0).toBe(crc32c(bytes));
      }),
    );
    expect(crc32cRaw(new Uint8Array(8))).toBe(0);
  });

  it('takes a word as its four bytes, lowest first', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat({ max: 0xffffffff }), (bytes, crc) => {
        expect(crc32cRawWord(Buffer.from(bytes).readUInt32LE(), crc)).toBe(crc32cRaw(bytes, crc));
      }),
    );
  });

  it('is the exclusive or of the parts of all bytes', () => {
    const tables = crc32cPositionTables(3, 5);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) => {
        const parts = bytes.reduce((crc, byte, i) => crc ^ tables[(4 - i) * 256 + byte], 0);
        expect(parts >>> 0).toBe(crc32cRaw(Uint8Array.of(...bytes, 0, 0, 0)));
      }),
    );
  });
});
