import { type Address, addressEquals, formatAddress, parseAddress } from './address.js';
import { LbError } from './errors.js';

/** An address prefix. `address` has no bits set beyond `length` (0–32 or 0–128). */
export interface Prefix {
  readonly address: Address;
  readonly length: number;
}

const LENGTH = /^(0|[1-9]\d{0,2})$/;

/**
 * Reads `address/length`; a bare address is a host prefix. Host bits are cleared, not refused: VPP takes
 * `90.1.2.3/8` for `90.0.0.0/8`.
 * @throws LbError LB_PREFIX_INVALID
 */
export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf('/');
  const address = parsePrefixAddress(text, slash < 0 ? text : text.slice(0, slash));
  const bits = address.bytes.length * 8;
  const lengthText = slash < 0 ? String(bits) : text.slice(slash + 1);
  const length = LENGTH.test(lengthText) ? Number(lengthText) : -1;
  if (length < 0 || length > bits) {
    const what = `IPv${address.family} prefix length '${lengthText}'`;
    throw new LbError('LB_PREFIX_INVALID', `'${text}' is not a prefix: ${what} must be a number from 0 to ${bits}`);
  }
  return { address: clearHostBits(address, length), length };
}

function parsePrefixAddress(text: string, addressText: string): Address {
  try {
    return parseAddress(addressText);
  } catch (error) {
    if (!(error instanceof LbError)) throw error;
    throw new LbError(
      'LB_PREFIX_INVALID',
      `'${text}' is not a prefix: expected IPv4 as in 192.0.2.0/24 or IPv6 as in 2001:db8::/32`,
      error.hint,
    );
  }
}

/** The address with every bit from `length` on set to zero. */
function clearHostBits(address: Address, length: number): Address {
  return { family: address.family, bytes: address.bytes.map((byte, i) => byte & maskByte(length, i)) };
}

/** Byte `i` of the netmask of a prefix length. */
function maskByte(length: number, i: number): number {
  const bits = Math.min(Math.max(length - i * 8, 0), 8);
  return (0xff00 >>> bits) & 0xff;
}

/** The netmask of a prefix length as bytes in network order. */
export function prefixMask(family: 4 | 6, length: number): Uint8Array {
  return new Uint8Array(family === 4 ? 4 : 16).map((_, i) => maskByte(length, i));
}

/** Writes `address/length`, also for host prefixes. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

/** Whether the address lies in the prefix; never for the other family. */
export function prefixContains(prefix: Prefix, address: Address): boolean {
  if (prefix.address.family !== address.family) return false;
  return prefix.address.bytes.every((byte, i) => byte === (address.bytes[i] & maskByte(prefix.length, i)));
}

/** Same family, address and length. */
export function prefixEquals(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && addressEquals(a.address, b.address);
}

/** Whether some address lies in both, that is, whether one prefix contains the other. */
export function prefixOverlaps(a: Prefix, b: Prefix): boolean {
  return prefixContains(a, b.address) || prefixContains(b, a.address);
}
