import { ConfigError, type ConfigErrorCode } from './errors.js';
import { acceptsText, type Field, reasonOf, showValue } from './field.js';
import { FIELDS } from './fields.js';
import type { Protocol, VipConfig } from './schema.js';

/** What names a VIP: canonical prefix, and for a per-port VIP its port and, if narrowed, its protocol. */
export interface VipRef {
  readonly prefix: string;
  readonly protocol?: Protocol;
  readonly port?: number;
}

/** Two references name the same VIP when their keys are equal. A protocol without a port names nothing more. */
export function vipKey({ prefix, protocol, port }: VipRef): string {
  return port === undefined ? prefix : `${prefix} ${protocol ?? '*'} ${port}`;
}

/** What names an AS of a VIP; the address is canonical. */
export function asId(vip: VipRef, address: string): string {
  return `${vipKey(vip)} as ${address}`;
}

/** The VIP's name in URLs (to be percent-encoded) and options: `90.0.0.0/8`, `90.1.2.1/32,tcp,80`, `90.1.2.1/32,any,53`. */
export function vipId({ prefix, protocol, port }: VipRef): string {
  return port === undefined ? prefix : `${prefix},${protocol ?? 'any'},${port}`;
}

/**
 * Reads what {@link vipId} writes; the prefix may be in any form that the configuration accepts.
 * @throws ConfigError with the part that is wrong as `path`
 */
export function parseVipId(text: string): VipRef {
  const [prefixText, protocolText, portText, ...rest] = text.split(',');
  const prefix = readPart('prefix', FIELDS.prefix, prefixText!, (value) => FIELDS.prefix.canonical(value));
  if (protocolText === undefined) return { prefix };
  if (portText === undefined || rest.length > 0) {
    const message = `VIP must be <prefix> or <prefix>,<protocol>,<port>, got ${showValue(text)}`;
    throw new ConfigError([{ code: 'LB_CFG_VIP_ID', message, hint: 'as in 90.1.2.1/32,tcp,80', path: 'vip' }]);
  }
  const port = readPart('port', FIELDS.port, portText, (value) => {
    if (!/^[1-9]\d{0,4}$/.test(value) || Number(value) > FIELDS.port.max) throw new RangeError(value);
    return Number(value);
  });
  if (protocolText === 'any') return { prefix, port };
  if (protocolText === 'tcp' || protocolText === 'udp') return { prefix, protocol: protocolText, port };
  throw partError(FIELDS.protocol.code, 'protocol', 'one of tcp, udp, any', protocolText);
}

function readPart<T>(name: string, field: Field, value: string, read: (value: string) => T): T {
  try {
    return read(value);
  } catch {
    const hint = field.kind === 'text' ? reasonOf(field, value) : undefined;
    throw partError(field.code, name, acceptsText(field), value, hint);
  }
}

function partError(code: ConfigErrorCode, path: string, accepts: string, value: string, hint?: string): ConfigError {
  const message = `${path} must be ${accepts}, got ${showValue(value)}`;
  return new ConfigError([{ code, message, path, ...(hint === undefined ? {} : { hint }) }]);
}

/** For messages: `90.1.2.1/32 tcp port 80`. */
export function describeVip({ prefix, protocol, port }: VipRef): string {
  if (port === undefined) return prefix;
  return `${prefix} ${protocol === undefined ? '' : `${protocol} `}port ${port}`;
}

/** The naming part of a VIP. */
export function vipRefOf({ prefix, protocol, port }: VipRef): VipRef {
  if (port === undefined) return { prefix };
  return protocol === undefined ? { prefix, port } : { prefix, protocol, port };
}

/** Family of a canonical address or prefix. */
export function familyOf(text: string): 4 | 6 {
  return text.includes(':') ? 6 : 4;
}

/** Whether two protocols, where none means TCP and UDP, have one in common. */
export function protocolsMeet(a: Protocol | undefined, b: Protocol | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

export function isNat(encap: VipConfig['encap']): boolean {
  return encap === 'nat4' || encap === 'nat6';
}
