import { finish, sumBytes } from './checksum.js';
import type { FrameViews } from './frame-views.js';
import { IP4_CHECKSUM, IP4_FRAGMENT, IP4_HEADER_BYTES, IP4_LENGTH } from './ip-header.js';

/*
 * IPv4 fragmentation (RFC 791 §2.3, §3.2). The fragment offset counts 8-byte blocks of the datagram's payload, so every
 * fragment but the last carries a multiple of 8 bytes. A packet that is a fragment already may be cut again: offsets go
 * on from its own, and its "more fragments" bit stays with the last piece.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------------------------------+-+-+-+-------------------------+
 *   |         Identification        |0|D|M|     Fragment offset     |   D: don't fragment, M: more fragments
 *   +-------------------------------+-+-+-+-------------------------+
 *
 * An option starts with its type; the top bit says whether every fragment gets a copy, or the first one alone.
 *
 *   +-+---+---------+---------------+----------…
 *   |c|cls| number  |    length     |  data          End (type 0) and no-operation (type 1) are one byte long.
 *   +-+---+---------+---------------+----------…
 */

/** What planFragments4 returns instead of a count. */
export const FRAGMENT_ERROR = {
  /** The packet is longer than the MTU and has "don't fragment" set. */
  dontFragment: -1,
  /** The MTU leaves no room for 8 bytes behind the header. */
  mtu: -2,
  /** An option's length is below 2 or reaches beyond the header. */
  options: -3,
} as const;

/** Elements of a plan array. */
export const FRAGMENT_PLAN_WORDS = 7;
const COUNT = 0;
const FIRST_HEADER = 1;
const LATER_HEADER = 2;
const FIRST_PAYLOAD = 3;
const LATER_PAYLOAD = 4;
const PAYLOAD = 5;
const FLAGS_OFFSET = 6;

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OPTION_COPIED = 0x80;
const OPTION_END = 0;
const OPTION_NOP = 1;

/**
 * Plans how to cut the IPv4 packet at `ip` (header length and total length already checked) into fragments of at most
 * `mtuBytes`. Writes the plan to `plan` (FRAGMENT_PLAN_WORDS elements) and returns the number of fragments, 1 when the
 * packet fits as it is, or a negative FRAGMENT_ERROR.
 */
export function planFragments4(u8: Uint8Array, ip: number, mtuBytes: number, plan: Int32Array): number {
  const header = (u8[ip] & 15) << 2;
  const payload = be16(u8, ip + IP4_LENGTH) - header;
  const flagsOffset = be16(u8, ip + IP4_FRAGMENT);
  const copied = copyOptions(u8, ip, header, -1);
  const fits = header + payload <= mtuBytes;
  if (!fits) {
    if ((flagsOffset & DONT_FRAGMENT) !== 0) return FRAGMENT_ERROR.dontFragment;
    if (mtuBytes < header + 8) return FRAGMENT_ERROR.mtu;
    if (copied < 0) return FRAGMENT_ERROR.options;
  }
  const laterHeader = IP4_HEADER_BYTES + ((copied + 3) & ~3);
  const firstPayload = fits ? payload : (mtuBytes - header) & ~7;
  const laterPayload = (mtuBytes - laterHeader) & ~7;
  // The last fragment need not be a multiple of 8: only what it cannot take needs fragments between.
  const beforeLast = payload - firstPayload - (mtuBytes - laterHeader);
  plan[COUNT] = fits ? 1 : 2 + Math.max(0, Math.ceil(beforeLast / laterPayload));
  plan[FIRST_HEADER] = header;
  plan[LATER_HEADER] = laterHeader;
  plan[FIRST_PAYLOAD] = firstPayload;
  plan[LATER_PAYLOAD] = laterPayload;
  plan[PAYLOAD] = payload;
  plan[FLAGS_OFFSET] = flagsOffset;
  return plan[COUNT];
}

/**
 * Writes fragment `index` (0 … count − 1) of the packet at `ip`, header and payload, to byte offset `to` (a multiple
 * of 4) of the same frame memory, and returns its IP length. The target may be the packet's own place for fragment 0
 * only; no other target may overlap the packet. Fragments may be written in any order.
 */
export function writeFragment4(frame: FrameViews, ip: number, plan: Int32Array, index: number, to: number): number {
  const { u8, u16 } = frame;
  const first = index === 0;
  const last = index === plan[COUNT] - 1;
  const header = first ? plan[FIRST_HEADER] : plan[LATER_HEADER];
  const start = first ? 0 : plan[FIRST_PAYLOAD] + (index - 1) * plan[LATER_PAYLOAD];
  const size = last ? plan[PAYLOAD] - start : first ? plan[FIRST_PAYLOAD] : plan[LATER_PAYLOAD];
  const from = ip + plan[FIRST_HEADER] + start;
  u8.copyWithin(to, ip, ip + (first ? header : IP4_HEADER_BYTES));
  if (!first) {
    u8.fill(0, to + IP4_HEADER_BYTES, to + header);
    copyOptions(u8, ip, plan[FIRST_HEADER], to + IP4_HEADER_BYTES);
  }
  u8.copyWithin(to + header, from, from + size);

  u8[to] = 0x40 | (header >>> 2);
  putBe16(u8, to + IP4_LENGTH, header + size);
  putBe16(u8, to + IP4_FRAGMENT, (plan[FLAGS_OFFSET] + (start >>> 3)) | (last ? 0 : MORE_FRAGMENTS));
  u16[(to + IP4_CHECKSUM) >>> 1] = 0;
  u16[(to + IP4_CHECKSUM) >>> 1] = finish(sumBytes(u8, to, header));
  return header + size;
}

// Copies the options with the copied flag to `to` (−1: only counts them). Returns their bytes, or −1 when malformed.
function copyOptions(u8: Uint8Array, ip: number, header: number, to: number): number {
  const end = ip + header;
  let copied = 0;
  for (let at = ip + IP4_HEADER_BYTES; at < end && u8[at] !== OPTION_END; ) {
    const length = u8[at] === OPTION_NOP ? 1 : at + 1 < end ? u8[at + 1] : 0;
    if ((length < 2 && u8[at] !== OPTION_NOP) || at + length > end) return -1;
    if ((u8[at] & OPTION_COPIED) !== 0) {
      if (to >= 0) u8.copyWithin(to + copied, at, at + length);
      copied += length;
    }
    at += length;
  }
  return copied;
}

function be16(u8: Uint8Array, at: number): number {
  return (u8[at] << 8) | u8[at + 1];
}

function putBe16(u8: Uint8Array, at: number, value: number): void {
  u8[at] = value >>> 8;
  u8[at + 1] = value;
}
