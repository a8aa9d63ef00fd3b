import { type Address, formatAddress, formatPrefix, LbError, parseAddress, parsePrefix } from '@lb/core';

/*
 * Texts in the one form that the model keeps. Each function throws LbError when the text is not acceptable; its hint,
 * if it has one, gets into the message.
 */

export function addressOfFamily(value: string, family: 4 | 6): string {
  const address = parseAddress(value);
  if (address.family !== family) throw new LbError('LB_ADDR_INVALID', '', `this is an IPv${address.family} address`);
  return formatAddress(address);
}

export function anyPrefix(value: string): string {
  return formatPrefix(parsePrefix(value));
}

export function prefixOfFamily(value: string, family: 4 | 6, shortest: number): string {
  const prefix = parsePrefix(value);
  const found = prefix.address.family;
  if (found !== family) throw new LbError('LB_PREFIX_INVALID', '', `this is an IPv${found} prefix`);
  if (prefix.length < shortest) throw new LbError('LB_PREFIX_INVALID', '', 'this range is too wide');
  return formatPrefix(prefix);
}

export function unicastAddress(value: string): string {
  const address = parseAddress(value);
  const kind = nonUnicastKind(address);
  if (kind !== undefined) throw new LbError('LB_ADDR_INVALID', '', `this is ${kind} address`);
  return formatAddress(address);
}

function nonUnicastKind({ family, bytes }: Address): string | undefined {
  if (bytes.every((byte) => byte === 0)) return 'the unspecified';
  if (family === 6) return bytes[0] === 0xff ? 'a multicast' : undefined;
  if (bytes.every((byte) => byte === 255)) return 'the broadcast';
  return bytes[0]! >>> 4 === 0xe ? 'a multicast' : undefined;
}

/** VPP's names have slashes (`GigabitEthernet0/8/0`) and are longer than the 15 bytes of Linux. */
export function interfaceName(value: string): string {
  if (!/^[!-"$-~]{1,63}$/.test(value)) throw new LbError('LB_CFG_INTERFACE', '');
  return value;
}

const DATE_TIME = /^(\d{4}-\d\d-(\d\d))T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:[0-5]\d)$/;

/** A moment of RFC 3339, also without seconds, as JavaScript writes it: UTC, with milliseconds. */
export function moment(value: string): string {
  const match = DATE_TIME.exec(value);
  if (match === null) throw new LbError('LB_CFG_TIME', '', 'write it as 2026-01-31T18:00:00Z');
  // Date turns 30 February into 2 March.
  const day = new Date(`${match[1]}T00:00Z`);
  if (day.getUTCDate() !== Number(match[2])) throw new LbError('LB_CFG_TIME', '', 'there is no such day');
  return new Date(value).toISOString();
}

/** `192.0.2.1:8080`, `[2001:db8::1]:8080`. */
export function socketAddress(value: string): string {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new LbError('LB_CFG_LISTENER', '', 'write it as 127.0.0.1:8080 or [::1]:8080');
  }
  const [, ip6, ip4] = match;
  return ip6 === undefined ? `${addressOfFamily(ip4!, 4)}:${port}` : `[${addressOfFamily(ip6, 6)}]:${port}`;
}

export function filePath(value: string): string {
  if (!/^[^\p{Cc}]{1,4096}$/u.test(value)) throw new LbError('LB_CFG_LISTENER_FILE', '');
  return value;
}
