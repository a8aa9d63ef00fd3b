import { LbError, parseAddress } from '@lb/core';

/*
 * Texts of health checks in the form that the model keeps, and what they stand for. Each function that makes a
 * canonical text throws LbError when it can't.
 */

/** A request target in origin form (RFC 9112 §3.2.1). A fragment is never sent, so there is none. */
export function requestPath(value: string): string {
  if (!/^\/[!-"$-~]{0,1023}$/.test(value)) {
    const hint = value.startsWith('/') ? 'write other characters as %20' : 'it begins with /';
    throw new LbError('LB_CFG_CHECK_PATH', '', hint);
  }
  return value;
}

/** A host name, or an address without brackets. */
export function hostName(value: string): string {
  const host = value.toLowerCase();
  if (host.includes(':')) parseAddress(host);
  else if (!/^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)*$/.test(host)) {
    throw new LbError('LB_CFG_CHECK_HOST', '');
  }
  return host;
}

/** A span of HTTP status codes, both ends included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads `200-299,404`: codes and ranges from 100 to 599.
 * @throws LbError LB_CFG_CHECK_STATUS
 */
export function parseStatus(text: string): StatusRange[] {
  if (text.length > 200) throw new LbError('LB_CFG_CHECK_STATUS', '', 'the list is too long');
  return text.split(',').map((part) => {
    const match = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part.trim());
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? from);
    if (match === null) throw new LbError('LB_CFG_CHECK_STATUS', '', 'write it as 200 or 200-299,404');
    if (from > to) throw new LbError('LB_CFG_CHECK_STATUS', '', 'the range ends before it begins');
    return { from, to };
  });
}

export function statusText(value: string): string {
  return parseStatus(value)
    .map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`))
    .join(',');
}

/** Most bytes that a check sends or looks for: with headers they fit one packet of any network. */
const MAX_BYTES = 1024;

/**
 * The bytes that the text of a check stands for: `\xNN` is one byte, `\\` a backslash, `\r`, `\n` and `\t` as usual,
 * any other character its UTF-8.
 * @throws LbError LB_CFG_CHECK_BYTES
 */
export function parseBytes(text: string): Uint8Array {
  if (text.length > 4 * MAX_BYTES) throw new LbError('LB_CFG_CHECK_BYTES', '', 'the text is too long');
  const bytes: number[] = [];
  for (const [part] of text.matchAll(/\\x[\da-f]{2}|\\[rnt\\]|\\|[^\\]+/gi)) {
    if (part === '\\') throw new LbError('LB_CFG_CHECK_BYTES', '', 'write a backslash as \\\\, any byte as \\xNN');
    if (part[0] !== '\\') bytes.push(...new TextEncoder().encode(part));
    else bytes.push(part[1] === 'x' || part[1] === 'X' ? Number.parseInt(part.slice(2), 16) : ESCAPES[part]!);
  }
  if (bytes.length === 0 || bytes.length > MAX_BYTES) throw new LbError('LB_CFG_CHECK_BYTES', '');
  return Uint8Array.from(bytes);
}

const ESCAPES: Readonly<Record<string, number>> = { '\\r': 13, '\\n': 10, '\\t': 9, '\\\\': 92 };

/** The one text for the bytes of another: printable ASCII as it is, `\\` for a backslash, `\xNN` for the rest. */
export function bytesText(value: string): string {
  return Array.from(parseBytes(value), (byte) => {
    if (byte === 92) return '\\\\';
    return byte >= 32 && byte <= 126 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}
