import { type Address, formatAddress, formatPrefix, LbError, parseAddress, parsePrefix } from '@lb/core';
import type { ConfigErrorCode } from './errors.js';
import { didYouMean } from './nearest.js';

/*
 * What each field accepts, once: the schema of the document, the command grammar and the messages all read it here.
 */

export interface NumberField {
  readonly kind: 'number';
  readonly code: ConfigErrorCode;
  readonly min: number;
  readonly max: number;
  readonly powerOfTwo: boolean;
}

export interface ChoiceField<T extends string = string> {
  readonly kind: 'choice';
  readonly code: ConfigErrorCode;
  readonly choices: readonly [T, ...T[]];
}

export interface FlagField {
  readonly kind: 'flag';
  readonly code: ConfigErrorCode;
}

export interface TextField {
  readonly kind: 'text';
  readonly code: ConfigErrorCode;
  readonly accepts: string;
  /** The text in the one form the model keeps; throws LbError when it is not acceptable. */
  readonly canonical: (text: string) => string;
}

export type Field = NumberField | ChoiceField | FlagField | TextField;

/** A configured table length may be this at most: 64 MiB of buckets for one VIP, 1 GiB of flow table for a worker. */
const MAX_TABLE = 2 ** 24;

function number(code: ConfigErrorCode, min: number, max: number, powerOfTwo = false): NumberField {
  return { kind: 'number', code, min, max, powerOfTwo };
}

function choice<const T extends string>(code: ConfigErrorCode, ...choices: [T, ...T[]]): ChoiceField<T> {
  return { kind: 'choice', code, choices };
}

function text(code: ConfigErrorCode, accepts: string, canonical: (text: string) => string): TextField {
  return { kind: 'text', code, accepts, canonical };
}

export const FIELDS = {
  ip4SrcAddress: text('LB_CFG_SRC_ADDRESS', 'an IPv4 address', (value) => addressOfFamily(value, 4)),
  ip6SrcAddress: text('LB_CFG_SRC_ADDRESS', 'an IPv6 address', (value) => addressOfFamily(value, 6)),
  ip4SrcRange: text('LB_CFG_SRC_ADDRESS', 'an IPv4 prefix (length 8 to 32)', (value) => prefixOfFamily(value, 4, 8)),
  ip6SrcRange: text('LB_CFG_SRC_ADDRESS', 'an IPv6 prefix (length 96 to 128)', (value) => prefixOfFamily(value, 6, 96)),
  buckets: number('LB_CFG_BUCKETS', 1, MAX_TABLE, true),
  timeout: number('LB_CFG_TIMEOUT', 1, 604_800),
  flowHash: choice('LB_CFG_FLOW_HASH', 'fast', 'vpp'),
  table: choice('LB_CFG_TABLE', 'maglev', 'vpp'),
  interface: text('LB_CFG_INTERFACE', 'an interface name of 1 to 63 characters without spaces or #', interfaceName),
  prefix: text('LB_CFG_PREFIX', 'an IPv4 prefix (length 0 to 32) or an IPv6 prefix (length 0 to 128)', (value) =>
    formatPrefix(parsePrefix(value)),
  ),
  protocol: choice('LB_CFG_PROTOCOL', 'tcp', 'udp'),
  port: number('LB_CFG_PORT', 1, 65_535),
  targetPort: number('LB_CFG_TARGET_PORT', 1, 65_535),
  nodePort: number('LB_CFG_NODE_PORT', 1, 65_535),
  encap: choice('LB_CFG_ENCAP', 'gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'),
  dscp: number('LB_CFG_DSCP', 0, 63),
  type: choice('LB_CFG_VIP_TYPE', 'clusterip', 'nodeport'),
  newLen: number('LB_CFG_NEW_LEN', 1, MAX_TABLE, true),
  srcIpSticky: { kind: 'flag', code: 'LB_CFG_STICKY' },
  mssClamp: number('LB_CFG_MSS', 536, 65_495),
  address: text('LB_CFG_AS_ADDRESS', 'a unicast IPv4 or IPv6 address', unicastAddress),
  weight: number('LB_CFG_WEIGHT', 0, 100),
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;

/** What the field accepts, to stand after "must be". */
export function acceptsText(field: Field): string {
  switch (field.kind) {
    case 'number':
      return `${field.powerOfTwo ? 'a power of two' : 'a whole number'} from ${field.min} to ${field.max}`;
    case 'choice':
      return field.choices.length === 2 ? field.choices.join(' or ') : `one of ${field.choices.join(', ')}`;
    case 'flag':
      return 'true or false';
    case 'text':
      return field.accepts;
  }
}

/** Whether a number is one that the field accepts. */
export function acceptsNumber(field: NumberField, value: number): boolean {
  if (!Number.isInteger(value) || value < field.min || value > field.max) return false;
  return !field.powerOfTwo || Number.isInteger(Math.log2(value));
}

/** Text of any origin, fit for one line of a terminal: short, and without characters that would move the cursor. */
export function printable(text: string, maxLength = 60): string {
  const short = text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
  return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** A value for a message: quoted text, plain numbers, the kind of anything larger. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return `'${printable(value)}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return String(value);
}

/** Why a text is not acceptable, where the parser of the field knows more than what it accepts. */
export function reasonOf(field: Field, value: unknown): string | undefined {
  if (field.kind === 'choice') return typeof value === 'string' ? didYouMean(value, field.choices) : undefined;
  if (field.kind === 'number' && typeof value === 'string' && /^\d+$/.test(value))
    return 'write the number without quotes';
  if (field.kind !== 'text' || typeof value !== 'string') return undefined;
  try {
    field.canonical(value);
    return undefined;
  } catch (error) {
    return error instanceof LbError ? error.hint : undefined;
  }
}

function addressOfFamily(value: string, family: 4 | 6): string {
  const address = parseAddress(value);
  if (address.family !== family) throw new LbError('LB_ADDR_INVALID', '', `this is an IPv${address.family} address`);
  return formatAddress(address);
}

function prefixOfFamily(value: string, family: 4 | 6, shortest: number): string {
  const prefix = parsePrefix(value);
  const found = prefix.address.family;
  if (found !== family) throw new LbError('LB_PREFIX_INVALID', '', `this is an IPv${found} prefix`);
  if (prefix.length < shortest) throw new LbError('LB_PREFIX_INVALID', '', 'this range is too wide');
  return formatPrefix(prefix);
}

function unicastAddress(value: string): string {
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
function interfaceName(value: string): string {
  if (!/^[!-"$-~]{1,63}$/.test(value)) throw new LbError('LB_CFG_INTERFACE', '');
  return value;
}
