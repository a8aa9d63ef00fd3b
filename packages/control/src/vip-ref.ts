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
