import { swap16 } from './byte-order.js';
import { fold } from './checksum.js';
import { EncapError } from './errors.js';

/*
 * GRE, RFC 2784 §2: what this balancer sends. No checksum, key or sequence number; all flags and the version are zero.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-----------------------+-----+-------------------------------+
 *   |C|       Reserved0       | Ver |         Protocol type         |   0x0800 IPv4, 0x86dd IPv6
 *   +-+-----------------------+-----+-------------------------------+
 *
 * The outer header is IPv4 (words 0–4 below, GRE is word 5) or IPv6 (words 0–9, GRE is word 10); ip-header.ts draws both.
 */

/** Bytes that GRE over IPv4 and over IPv6 put in front of a packet. */
export const GRE4_OVERHEAD = 24;
export const GRE6_OVERHEAD = 44;

/** 32-bit words to set aside for one template of either kind. */
export const TEMPLATE_WORDS = 12;

// Raw words of bytes 45 00 xx xx (version 4, IHL 5, TOS 0), 80 2f xx xx (TTL 128, protocol 47) and
// xx xx 2f 80 (next header 47, hop limit 128).
const VERSION4_RAW = 0x0000_0045;
const TTL_PROTOCOL_RAW = 0x0000_2f80;
const VERSION6_RAW = 0x0000_0060;
const NEXT_HEADER_HOP_LIMIT_RAW = 0x802f_0000;
/** Sum of the IPv4 header words that are the same for every template. */
const CONSTANT_SUM4 = VERSION4_RAW + TTL_PROTOCOL_RAW;

/**
 * Prepares GRE over IPv4 for one pair of outer addresses (4 bytes each, network order) in `out[at … at + 6]`:
 * words 0–5 are the raw header with length and checksum zero, word 6 is the checksum seed (the sum of the constant
 * words). Throws EncapError for another address length or family, and then writes nothing.
 */
export function gre4Template(
  srcBytes: Uint8Array,
  dstBytes: Uint8Array,
  innerFamily: 4 | 6,
  out: Uint32Array,
  at: number,
): void {
  const src = rawWord(checkedAddress('outer source', srcBytes, 4), 0);
  const dst = rawWord(checkedAddress('outer destination', dstBytes, 4), 0);
  const greRaw = greWordRaw(innerFamily);
  out[at] = VERSION4_RAW;
  out[at + 1] = 0;
  out[at + 2] = TTL_PROTOCOL_RAW;
  out[at + 3] = src;
  out[at + 4] = dst;
  out[at + 5] = greRaw;
  out[at + 6] = fold(CONSTANT_SUM4 + (src & 0xffff) + (src >>> 16) + (dst & 0xffff) + (dst >>> 16));
}

/**
 * Prepares GRE over IPv6 for one pair of outer addresses (16 bytes each) in `out[at … at + 10]`: the raw header with
 * payload length zero, then GRE. Throws EncapError for another address length or family.
 */
export function gre6Template(
  srcBytes: Uint8Array,
  dstBytes: Uint8Array,
  innerFamily: 4 | 6,
  out: Uint32Array,
  at: number,
): void {
  checkedAddress('outer source', srcBytes, 16);
  checkedAddress('outer destination', dstBytes, 16);
  const greRaw = greWordRaw(innerFamily);
  out[at] = VERSION6_RAW;
  out[at + 1] = NEXT_HEADER_HOP_LIMIT_RAW;
  for (let i = 0; i < 4; i++) {
    out[at + 2 + i] = rawWord(srcBytes, 4 * i);
    out[at + 6 + i] = rawWord(dstBytes, 4 * i);
  }
  out[at + 10] = greRaw;
}

/**
 * Writes outer IPv4 and GRE into the 24 bytes in front of `ip`, from the template at `tpl[at]`. `innerLengthBytes` is
 * the inner packet's IP length; the caller has checked that 24 more bytes stay within 65,535.
 */
export function encapGre4(u32: Uint32Array, ip: number, innerLengthBytes: number, tpl: Uint32Array, at: number): void {
  const outer = (ip - GRE4_OVERHEAD) >>> 2;
  const lengthRaw = swap16(innerLengthBytes + GRE4_OVERHEAD);
  const sum = tpl[at + 6] + lengthRaw;
  u32[outer] = tpl[at] | (lengthRaw << 16);
  u32[outer + 1] = tpl[at + 1];
  u32[outer + 2] = tpl[at + 2] | (~((sum & 0xffff) + (sum >>> 16)) << 16);
  u32[outer + 3] = tpl[at + 3];
  u32[outer + 4] = tpl[at + 4];
  u32[outer + 5] = tpl[at + 5];
}

/**
 * As encapGre4, with the outer source `srcRaw` instead of the template's: a source per flow lets the servers' receive
 * side scaling spread tunnelled traffic.
 */
export function encapGre4WithSource(
  u32: Uint32Array,
  ip: number,
  innerLengthBytes: number,
  tpl: Uint32Array,
  at: number,
  srcRaw: number,
): void {
  const outer = (ip - GRE4_OVERHEAD) >>> 2;
  const lengthRaw = swap16(innerLengthBytes + GRE4_OVERHEAD);
  const dst = tpl[at + 4];
  const addresses = (srcRaw & 0xffff) + (srcRaw >>> 16) + (dst & 0xffff) + (dst >>> 16);
  u32[outer] = tpl[at] | (lengthRaw << 16);
  u32[outer + 1] = tpl[at + 1];
  u32[outer + 2] = tpl[at + 2] | (~fold(CONSTANT_SUM4 + addresses + lengthRaw) << 16);
  u32[outer + 3] = srcRaw;
  u32[outer + 4] = dst;
  u32[outer + 5] = tpl[at + 5];
}

/**
 * Writes outer IPv6 and GRE into the 44 bytes in front of `ip`, from the template at `tpl[at]`. `innerLengthBytes` is
 * the inner packet's IP length; the caller has checked that 4 more bytes stay within 65,535.
 */
export function encapGre6(u32: Uint32Array, ip: number, innerLengthBytes: number, tpl: Uint32Array, at: number): void {
  const outer = (ip - GRE6_OVERHEAD) >>> 2;
  u32[outer] = tpl[at];
  u32[outer + 1] = tpl[at + 1] | swap16(innerLengthBytes + 4);
  u32[outer + 2] = tpl[at + 2];
  u32[outer + 3] = tpl[at + 3];
  u32[outer + 4] = tpl[at + 4];
  u32[outer + 5] = tpl[at + 5];
  u32[outer + 6] = tpl[at + 6];
  u32[outer + 7] = tpl[at + 7];
  u32[outer + 8] = tpl[at + 8];
  u32[outer + 9] = tpl[at + 9];
  u32[outer + 10] = tpl[at + 10];
}

function greWordRaw(innerFamily: number): number {
  if (innerFamily === 4) return 0x0008_0000;
  if (innerFamily === 6) return 0xdd86_0000;
  throw new EncapError('LB_ENC_INNER_FAMILY', `innerFamily is ${innerFamily}, expected 4 or 6`);
}

function checkedAddress(field: string, bytes: Uint8Array, expected: number): Uint8Array {
  if (bytes.length === expected) return bytes;
  throw new EncapError('LB_ENC_ADDRESS_BYTES', `${field} has ${bytes.length} bytes, expected ${expected}`);
}

function rawWord(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
