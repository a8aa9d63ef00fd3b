import { finish, sumBytes } from '@lb/encap';

/*
 * ICMP echo (RFC 792, RFC 4443 §4):
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |   Code (0)    |           Checksum            |
 *   +---------------+---------------+-------------------------------+
 *   |          Identifier           |        Sequence number        |   the token of the request
 *   +-------------------------------+-------------------------------+
 *   |            Data: secret of the process, the token again, zeros |
 *
 * The token stands there twice, because an ICMP error may carry no more than 8 bytes of the request, while a "ping
 * socket" puts an identifier of its own in its place.
 */

const ECHO_BYTES = 64;
const SECRET_AT = 8;
export const SECRET_BYTES = 8;
const TOKEN_AT = SECRET_AT + SECRET_BYTES;
const REPLY_BYTES = TOKEN_AT + 4;

const REQUEST = { 4: 8, 6: 128 } as const;
const REPLY = { 4: 0, 6: 129 } as const;
const UNREACHABLE = { 4: 3, 6: 1 } as const;
const TIME_EXCEEDED = { 4: 11, 6: 3 } as const;
const IP6_HEADER_BYTES = 40;

/** Messages of a family that are of interest. */
export const WANTED_TYPES = {
  4: [REPLY[4], UNREACHABLE[4], TIME_EXCEEDED[4]],
  6: [REPLY[6], UNREACHABLE[6], TIME_EXCEEDED[6]],
} as const;

/** What an ICMP message says about the request with that token. */
export interface EchoNews {
  readonly token: number;
  /** Why the request did not arrive; undefined for the reply. */
  readonly failure: string | undefined;
  /** Of an error: where the request was going, network order. */
  readonly destination: Uint8Array | undefined;
}

/** An echo request. The token has 32 bits. The checksum of IPv6 is left to the kernel, which knows the addresses. */
export function echoRequest(family: 4 | 6, secret: Uint8Array, token: number): Uint8Array {
  const message = new Uint8Array(ECHO_BYTES);
  const view = new DataView(message.buffer);
  message[0] = REQUEST[family];
  view.setUint32(4, token);
  message.set(secret, SECRET_AT);
  view.setUint32(TOKEN_AT, token);
  if (family === 4) view.setUint16(2, finish(sumBytes(message, 0, ECHO_BYTES)), true);
  return message;
}

/** Reads an ICMP message (without IP header); undefined if it is not about a request of ours. */
export function readEcho(family: 4 | 6, message: Uint8Array, secret: Uint8Array): EchoNews | undefined {
  const type = message[0];
  if (type === REPLY[family]) return readReply(message, secret);
  if (type === UNREACHABLE[family]) return readError(family, message, unreachable(family, message[1]));
  if (type === TIME_EXCEEDED[family]) return readError(family, message, 'packets go round in a circle');
  return undefined;
}

function readReply(message: Uint8Array, secret: Uint8Array): EchoNews | undefined {
  if (message.length < REPLY_BYTES) return undefined;
  for (let i = 0; i < SECRET_BYTES; i++) if (message[SECRET_AT + i] !== secret[i]) return undefined;
  const token = new DataView(message.buffer, message.byteOffset).getUint32(TOKEN_AT);
  return { token, failure: undefined, destination: undefined };
}

/** The request stands behind 8 bytes and its IP header; extension headers there are none. */
function readError(family: 4 | 6, message: Uint8Array, failure: string): EchoNews | undefined {
  const packet = message.subarray(8);
  const headerBytes = family === 4 ? (packet[0] & 15) * 4 : IP6_HEADER_BYTES;
  if (packet.length < headerBytes + 8 || packet[headerBytes] !== REQUEST[family]) return undefined;
  const token = new DataView(packet.buffer, packet.byteOffset).getUint32(headerBytes + 4);
  return { token, failure, destination: family === 4 ? packet.slice(16, 20) : packet.slice(24, 40) };
}

/** Codes of RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1 and RFC 4443 §3.1. */
function unreachable(family: 4 | 6, code: number): string {
  const texts: readonly (string | undefined)[] = family === 4 ? UNREACHABLE4 : UNREACHABLE6;
  return texts[code] ?? `unreachable (code ${code})`;
}

const PROHIBITED = 'forbidden by a firewall on the way';
const UNREACHABLE4 = Array.from({ length: 14 }, (_, code) => {
  if ([9, 10, 13].includes(code)) return PROHIBITED;
  if ([0, 6, 8, 11].includes(code)) return 'network unreachable';
  return [1, 7, 12].includes(code) ? 'host unreachable' : undefined;
});
const UNREACHABLE6 = [
  'no route to the host',
  PROHIBITED,
  undefined,
  'host unreachable',
  undefined,
  PROHIBITED,
  PROHIBITED,
];
