/** Bytes in network order, read and written one at a time: nothing here is shared with the dataplane. */

export function u16(bytes: Uint8Array, at: number): number {
  return bytes[at] * 256 + bytes[at + 1];
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 255;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** Sum of 16-bit words in one's complement (RFC 1071); an odd last byte is the upper half of a word. */
export function onesSum(bytes: Uint8Array, from: number, length: number, start = 0): number {
  let sum = start;
  for (let i = 0; i < length; i += 2) {
    sum += bytes[from + i] * 256 + (i + 1 < length ? bytes[from + i + 1] : 0);
  }
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

/** The Internet checksum of some bytes (RFC 1071). */
export function checksum(bytes: Uint8Array, from: number, length: number, start = 0): number {
  return 0xffff - onesSum(bytes, from, length, start);
}

/** A 16-bit word; behind an odd end stands a zero. */
function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] * 256 + (at + 1 < bytes.length ? bytes[at + 1] : 0);
}

/** A checksum after words it covers were changed: HC' = ~(~HC + ~m + m') (RFC 1624 §3, equation 3). */
export function amend(before: number, old: Uint8Array, now: Uint8Array): number {
  let sum = 0xffff - before;
  let changed = false;
  for (let i = 0; i < old.length; i += 2) {
    const m = wordAt(old, i);
    const m2 = wordAt(now, i);
    if (m === m2) continue;
    changed = true;
    sum += 0xffff - m + m2;
  }
  if (!changed) return before;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return 0xffff - sum;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
