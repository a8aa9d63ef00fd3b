import { crc32cPositionTables } from './crc32c.js';

/*
 * VPP's lb flow hash: the raw CRC32C of 40 bytes,
 *
 *            0        4        8        12                       36    40
 *   IPv4   | source | dest.  | ports  | 28 zero bytes                   |
 *   IPv6   | source (16)              | destination (16)  | ports | zero |   (ports at 32)
 *
 * where "ports" is the destination-port field and then the source-port field, each in header byte order. The CRC is
 * linear, so every byte has a table of its own that has the zeros behind it worked in: no step waits for another, and
 * IPv4 costs 12 loads instead of 40.
 */
const LENGTH = 40;
const MESSAGE6 = 36;
const TABLES = crc32cPositionTables(LENGTH - MESSAGE6, MESSAGE6);

/** Where the table of message byte `i` begins. */
const at = (i: number): number => (MESSAGE6 - 1 - i) * 256;

/** Part of the word at message bytes `first` to `first + 3` (`T` = at(first)); tables of later bytes lie in front. */
function part(word: number, T: number): number {
  return (
    TABLES[T + (word & 0xff)] ^
    TABLES[T - 256 + ((word >>> 8) & 0xff)] ^
    TABLES[T - 512 + ((word >>> 16) & 0xff)] ^
    TABLES[T - 768 + (word >>> 24)]
  );
}
const W0 = at(0);
const W1 = at(4);
const W2 = at(8);
const W3 = at(12);
const W4 = at(16);
const W5 = at(20);
const W6 = at(24);
const W7 = at(28);
const W8 = at(32);

/**
 * VPP's flow hash of an IPv4 packet; `hash & (newLen - 1)` is its bucket.
 * @param srcRaw source address, little-endian read of the header bytes
 * @param dstRaw destination address, likewise
 * @param portsRaw the four bytes source port | destination port, likewise; 0 for other protocols and for sticky VIPs
 * @returns unsigned 32-bit
 */
export function vppFlowHash4(srcRaw: number, dstRaw: number, portsRaw: number): number {
  return (part(srcRaw, W0) ^ part(dstRaw, W1) ^ part((portsRaw << 16) | (portsRaw >>> 16), W2)) >>> 0;
}

/** VPP's flow hash of an IPv6 packet: source and destination as four raw words each, ports as for IPv4. */
export function vppFlowHash6(
  src0: number,
  src1: number,
  src2: number,
  src3: number,
  dst0: number,
  dst1: number,
  dst2: number,
  dst3: number,
  portsRaw: number,
): number {
  return (
    (part(src0, W0) ^
      part(src1, W1) ^
      part(src2, W2) ^
      part(src3, W3) ^
      part(dst0, W4) ^
      part(dst1, W5) ^
      part(dst2, W6) ^
      part(dst3, W7) ^
      part((portsRaw << 16) | (portsRaw >>> 16), W8)) >>>
    0
  );
}
