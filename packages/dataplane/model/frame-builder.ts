import { checksum, concat, onesSum, put16 } from './bytes.js';
import { ICMP6, TCP, UDP } from './packet.js';

/** An IP packet to build; what is absent is ordinary. */
export interface Draft {
  readonly src: Uint8Array;
  readonly dst: Uint8Array;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  /** The IPv4 word of flags and offset; the same for an IPv6 fragment header, which is made if this is given. */
  readonly fragment?: number;
  /** IPv4 options, or IPv6 extension headers whose first is of type `extensionType`. */
  readonly options?: Uint8Array;
  readonly extensionType?: number;
  readonly tags?: readonly number[];
  readonly padding?: number;
}

export function buildFrame(draft: Draft): Uint8Array {
  const { tags = [], padding = 0 } = draft;
  const six = draft.src.length === 16;
  const link = concat(
    Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2),
    ...tags.map((type, n) => Uint8Array.of(type >> 8, type & 255, 0, 7 + n)),
    Uint8Array.of(...(six ? [0x86, 0xdd] : [0x08, 0x00])),
  );
  return concat(link, six ? buildIp6(draft) : buildIp4(draft), new Uint8Array(padding).fill(0xee));
}

function buildIp4({
  src,
  dst,
  protocol,
  payload,
  ttl = 64,
  tos = 0,
  id = 1,
  fragment = 0,
  options,
}: Draft): Uint8Array {
  const header = new Uint8Array(20 + (options?.length ?? 0));
  header[0] = 0x40 | (header.length / 4);
  header[1] = tos;
  put16(header, 2, header.length + payload.length);
  put16(header, 4, id);
  put16(header, 6, fragment);
  header[8] = ttl;
  header[9] = protocol;
  header.set(src, 12);
  header.set(dst, 16);
  if (options) header.set(options, 20);
  put16(header, 10, checksum(header, 0, header.length));
  return concat(header, payload);
}

function buildIp6(draft: Draft): Uint8Array {
  const { src, dst, protocol, payload, ttl = 64, tos = 0, id = 1, fragment, options, extensionType = 60 } = draft;
  const header = new Uint8Array(40);
  header[0] = 0x60 | (tos >> 4);
  header[1] = (tos & 15) << 4;
  header[7] = ttl;
  header.set(src, 8);
  header.set(dst, 24);
  const parts: Uint8Array[] = [header];
  header[6] = protocol;
  if (options) {
    header[6] = extensionType;
    parts.push(options);
  }
  if (fragment !== undefined) {
    const extension = new Uint8Array(8);
    extension[0] = protocol;
    put16(extension, 2, ((fragment & 0x1fff) << 3) | (fragment & 0x2000 ? 1 : 0));
    put16(extension, 6, id);
    if (options) options[lastNext(options)] = 44;
    else header[6] = 44;
    parts.push(extension);
  } else if (options) options[lastNext(options)] = protocol;
  const out = concat(...parts, payload);
  put16(out, 4, out.length - 40);
  return out;
}

/** Where the last of some extension headers names what follows. */
function lastNext(options: Uint8Array): number {
  let at = 0;
  for (;;) {
    const next = at + 8 + options[at + 1] * 8;
    if (next >= options.length) return at;
    at = next;
  }
}

/** Extension headers, each of `types`, in a row; the last one's successor is filled in by {@link buildFrame}. */
export function extensions(types: readonly number[], fill: (at: number) => number): Uint8Array {
  return concat(
    ...types.map((_, n) => {
      const units = n % 2;
      const out = new Uint8Array(8 + units * 8);
      for (let i = 2; i < out.length; i++) out[i] = fill(i);
      out[0] = types[n + 1] ?? 59;
      out[1] = units;
      return out;
    }),
  );
}

export interface Segment {
  readonly sport: number;
  readonly dport: number;
  readonly data: Uint8Array;
  readonly flags?: number;
  readonly options?: Uint8Array;
}

/** TCP or UDP with its checksum over the pseudo-header (RFC 9293 §3.1, RFC 768, RFC 8200 §8.1). */
export function buildSegment(protocol: number, src: Uint8Array, dst: Uint8Array, segment: Segment): Uint8Array {
  const { sport, dport, data, flags = 0x10, options = new Uint8Array() } = segment;
  const header = new Uint8Array(protocol === TCP ? 20 : 8);
  put16(header, 0, sport);
  put16(header, 2, dport);
  if (protocol === TCP) {
    header[12] = ((20 + options.length) / 4) << 4;
    header[13] = flags;
  } else put16(header, 4, 8 + data.length);
  const out = concat(header, protocol === TCP ? options : new Uint8Array(), data);
  const sum = checksum(out, 0, out.length, pseudo(src, dst, protocol, out.length));
  put16(out, protocol === TCP ? 16 : 6, protocol === UDP && sum === 0 ? 0xffff : sum);
  return out;
}

export function buildIcmp(src: Uint8Array, dst: Uint8Array, type: number, code: number, body: Uint8Array): Uint8Array {
  const out = concat(Uint8Array.of(type, code, 0, 0), body);
  const start = src.length === 16 ? pseudo(src, dst, ICMP6, out.length) : 0;
  put16(out, 2, checksum(out, 0, out.length, start));
  return out;
}

function pseudo(src: Uint8Array, dst: Uint8Array, protocol: number, length: number): number {
  return onesSum(concat(src, dst), 0, src.length * 2, protocol + length);
}

/** The IPv4 header checksum put right after something was changed. */
export function mendIp4(frame: Uint8Array, ip: number): void {
  const header = (frame[ip] & 15) * 4;
  if (ip + header > frame.length || header < 20) return;
  put16(frame, ip + 10, 0);
  put16(frame, ip + 10, checksum(frame, ip, header));
}
