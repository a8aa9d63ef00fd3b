import { swap16 } from './byte-order.js';
import { applyChange, change16, replaceWord16 } from './checksum.js';

/*
 * The maximum segment size option of a SYN (RFC 9293 §3.2, §3.7.1), among options of kind and length.
 *
 *   +---------------+---------------+-------------------------------+
 *   |   Kind = 2    |  Length = 4   |      Maximum segment size     |   may start at any byte of the option space
 *   +---------------+---------------+-------------------------------+
 *
 * Kind 0 ends the list and kind 1 is a single byte; every other kind has a length byte that counts itself and the kind.
 */

const FLAG_SYN = 0x02;
const KIND_END = 0;
const KIND_NOP = 1;
const KIND_MSS = 2;

/**
 * Lowers every MSS option above `mssBytes` to it in the TCP header at `l4` (even) when SYN is set, and updates the
 * checksum; `endOffset` is the end of the packet's bytes. Returns 1 when something changed, else 0. A SYN without the
 * option, a list that is malformed from some point on, and a header beyond `endOffset` are left as they are.
 */
export function clampMss(u8: Uint8Array, u16: Uint16Array, l4: number, endOffset: number, mssBytes: number): number {
  if (l4 + 20 > endOffset || (u8[l4 + 13] & FLAG_SYN) === 0) return 0;
  const end = l4 + ((u8[l4 + 12] >>> 4) << 2);
  if (end > endOffset) return 0;
  let changed = 0;
  for (let at = l4 + 20; at < end && u8[at] !== KIND_END; ) {
    if (u8[at] === KIND_NOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? u8[at + 1] : 0;
    if (length < 2 || at + length > end) break;
    if (u8[at] === KIND_MSS && length === 4 && ((u8[at + 2] << 8) | u8[at + 3]) > mssBytes) {
      putMss(u8, u16, l4, at + 2, mssBytes);
      changed = 1;
    }
    at += length;
  }
  return changed;
}

function putMss(u8: Uint8Array, u16: Uint16Array, l4: number, at: number, mssBytes: number): void {
  const checksum = (l4 + 16) >>> 1;
  const word = at >>> 1;
  if ((at & 1) === 0) {
    const mssRaw = swap16(mssBytes);
    u16[checksum] = replaceWord16(u16[checksum], u16[word], mssRaw);
    u16[word] = mssRaw;
    return;
  }
  // At an odd offset the field is the second half of one 16-bit word and the first half of the next.
  const firstRaw = u16[word];
  const secondRaw = u16[word + 1];
  u8[at] = mssBytes >>> 8;
  u8[at + 1] = mssBytes;
  const change = change16(firstRaw, u16[word]) + change16(secondRaw, u16[word + 1]);
  u16[checksum] = applyChange(u16[checksum], change);
}
