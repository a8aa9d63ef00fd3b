import ipaddr from 'ipaddr.js';
import { LbError } from './errors.js';

/** IP version. */
export type Family = 4 | 6;

/** A binary address: 4 or 16 bytes in network order. Treat the bytes as immutable. */
export interface Address {
  readonly family: Family;
  readonly bytes: Uint8Array;
}

/** ipaddr.js reads `10.1`, `010.0.0.1` (octal) and `0x0a.0.0.1` as well; the same text means another server elsewhere. */
const DOTTED_DECIMAL = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/;

/**
 * Reads an IPv4 address in dotted decimal (four numbers, no leading zeros) or an IPv6 address (RFC 4291 §2.2, also
 * with a dotted-decimal tail). Zone identifiers, white space and shortened IPv4 forms are refused.
 * @throws LbError LB_ADDR_INVALID
 */
export function parseAddress(text: string): Address {
  try {
    if (DOTTED_DECIMAL.test(text)) return { family: 4, bytes: Uint8Array.from(ipaddr.IPv4.parse(text).toByteArray()) };
    if (text.includes(':') && !text.includes('%')) {
      return { family: 6, bytes: Uint8Array.from(ipaddr.IPv6.parse(expandDottedTail(text)).toByteArray()) };
    }
  } catch {
    // Falls through to the one error below: ipaddr.js's own messages don't say what would be accepted.
  }
  throw new LbError(
    'LB_ADDR_INVALID',
    `'${text}' is not an address: expected IPv4 as in 192.0.2.1 or IPv6 as in 2001:db8::1`,
    addressHint(text),
  );
}

/** Rewrites `::ffff:1.2.3.4` as `::ffff:102:304`: ipaddr.js accepts octal in the tail and takes `::1.2.3.4` for `::ffff:1.2.3.4`. */
function expandDottedTail(text: string): string {
  if (!text.includes('.')) return text;
  const at = text.lastIndexOf(':') + 1;
  const tail = text.slice(at);
  if (!DOTTED_DECIMAL.test(tail)) throw new RangeError(tail);
  const [a, b, c, d] = ipaddr.IPv4.parse(tail).toByteArray() as [number, number, number, number];
  return `${text.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function addressHint(text: string): string | undefined {
  if (text.trim() !== text) return 'remove the white space around it';
  if (text.includes('%')) return 'a zone identifier (the part from %) has no meaning here';
  if (text.includes('/')) return 'an address has no prefix length';
  if (ipaddr.IPv4.isValid(text)) return 'write all four numbers in decimal, without leading zeros';
  return undefined;
}

/** Writes an address: dotted decimal, or RFC 5952 (which writes IPv4-mapped addresses as `::ffff:192.0.2.1`, §5). */
export function formatAddress(address: Address): string {
  const { bytes } = address;
  if (address.family === 4) return bytes.join('.');
  if (isIp4Mapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`;
  return ipaddr.fromByteArray([...bytes]).toString();
}

function isIp4Mapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

/** The address as 16 bytes; an IPv4 address is 12 zero bytes and then its four. */
export function addressTo16(address: Address): Uint8Array {
  const out = new Uint8Array(16);
  out.set(address.bytes, 16 - address.bytes.length);
  return out;
}

/** Order of the 16-byte forms as unsigned bytes; where those are equal, IPv4 comes before IPv6. For `Array.sort`. */
export function compareAddresses(a: Address, b: Address): number {
  const skipA = 16 - a.bytes.length;
  const skipB = 16 - b.bytes.length;
  for (let i = 0; i < 16; i++) {
    const byteA = i < skipA ? 0 : a.bytes[i - skipA];
    const byteB = i < skipB ? 0 : b.bytes[i - skipB];
    if (byteA !== byteB) return byteA - byteB;
  }
  return a.family - b.family;
}

/** Same family and same bytes. */
export function addressEquals(a: Address, b: Address): boolean {
  return a.family === b.family && compareAddresses(a, b) === 0;
}

/** The four bytes at `at` as a little-endian u32: the "raw" word that a frame view reads from a header. */
export function rawWord(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
