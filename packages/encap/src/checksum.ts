import { swap16 } from './byte-order.js';

/*
 * The Internet checksum (RFC 1071) and its incremental update (RFC 1624, equation 3: HC' = ~(~HC + ~m + m')).
 *
 * Everything works on raw 16-bit words. One's-complement addition commutes with swapping the bytes of every word
 * (RFC 1071 §2(B)), so the raw result is stored as it is.
 *
 * A "sum" is a non-negative number below 2^32 whose carries may still stand in its upper half; a "change" is the sum
 * of ~old + new over the words that were replaced. One change serves every checksum that covers those words.
 *
 * Zero has two forms, 0x0000 and 0xffff. A sum of non-negative words with end-around carry is 0x0000 only when every
 * word is zero, so equation 3 gives what full computation gives, unless the new data are all zero.
 * IP headers and pseudo-headers never are.
 */

/** Adds the carries of `sum` (0 … 2^32 − 1) back in: 16 bits, congruent modulo 0xffff, zero only for zero. */
export function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** The raw checksum field for data with this sum, the field itself counted as zero. */
export function finish(sum: number): number {
  return ~fold(sum) & 0xffff;
}

/**
 * Folded sum of `lengthBytes` bytes (up to 65,575, the largest IPv6 packet) from byte offset `at`, any alignment,
 * plus `initial` (a folded sum). An odd last byte is padded with a zero byte, so only the last of several chained
 * pieces may have an odd length. Over data whose checksum field is valid the result is 0xffff.
 */
export function sumBytes(u8: Uint8Array, at: number, lengthBytes: number, initial = 0): number {
  let sum = initial;
  const lastByte = at + (lengthBytes & ~1);
  for (let i = at; i < lastByte; i += 2) sum += u8[i] | (u8[i + 1] << 8);
  if ((lengthBytes & 1) !== 0) sum += u8[lastByte];
  return fold(sum);
}

/** Change made by replacing one raw 16-bit word. */
export function change16(oldRaw: number, newRaw: number): number {
  return (~oldRaw & 0xffff) + newRaw;
}

/** Change made by replacing one raw 32-bit word; the words may be given signed or unsigned. */
export function change32(oldRaw32: number, newRaw32: number): number {
  return (~oldRaw32 & 0xffff) + (~oldRaw32 >>> 16) + (newRaw32 & 0xffff) + (newRaw32 >>> 16);
}

/** The raw checksum field after `change` (a plain sum of changes, below 2^31). RFC 1624 equation 3. */
export function applyChange(checksumRaw: number, change: number): number {
  return ~fold((~checksumRaw & 0xffff) + change) & 0xffff;
}

/** The raw checksum field after one covered 16-bit word was replaced. */
export function replaceWord16(checksumRaw: number, oldRaw: number, newRaw: number): number {
  return applyChange(checksumRaw, change16(oldRaw, newRaw));
}

/** The raw checksum field after one covered, 16-bit aligned 32-bit word was replaced. */
export function replaceWord32(checksumRaw: number, oldRaw32: number, newRaw32: number): number {
  return applyChange(checksumRaw, change32(oldRaw32, newRaw32));
}

/**
 * Sum of the IPv4 pseudo-header (RFC 9293 §3.1): the addresses of the header at `ip`, the protocol, and the length in
 * bytes of the transport header and payload of the whole datagram.
 */
export function pseudoHeaderSum4(u32: Uint32Array, ip: number, protocol: number, l4LengthBytes: number): number {
  const src = u32[(ip + 12) >>> 2];
  const dst = u32[(ip + 16) >>> 2];
  return fold((src & 0xffff) + (src >>> 16) + (dst & 0xffff) + (dst >>> 16) + (protocol << 8) + swap16(l4LengthBytes));
}

/**
 * Sum of the IPv6 pseudo-header (RFC 8200 §8.1): the addresses of the header at `ip`, the transport protocol (the last
 * next header), and the length in bytes of the transport header and payload, below 65,536.
 */
export function pseudoHeaderSum6(u32: Uint32Array, ip: number, protocol: number, l4LengthBytes: number): number {
  let sum = (protocol << 8) + swap16(l4LengthBytes);
  const end = (ip + 40) >>> 2;
  for (let i = (ip + 8) >>> 2; i < end; i++) sum += (u32[i] & 0xffff) + (u32[i] >>> 16);
  return fold(sum);
}
