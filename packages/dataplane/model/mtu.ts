import { checksum, concat, put16, u16, unhex } from './bytes.js';
import { ICMP, ICMP6, type Packet } from './packet.js';

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const BLOCK = 8;

/** An IPv4 packet in pieces of at most `limit` bytes (RFC 791 §3.2); undefined if it may not or cannot be cut. */
export function cut(packet: Packet, limit: number): Packet[] | undefined {
  const { frame, ip, ipLength } = packet;
  const header = (frame[ip] & 15) * 4;
  const field = u16(frame, ip + 6);
  const copied = copiedOptions(frame.subarray(ip + 20, ip + header));
  if ((field & DONT_FRAGMENT) !== 0 || limit < header + BLOCK || copied === undefined) return undefined;
  const whole = frame.subarray(ip + header, ip + ipLength);
  const pieces: Packet[] = [];
  for (let at = 0; at < whole.length; ) {
    const head = at === 0 ? frame.slice(ip, ip + header) : concat(frame.slice(ip, ip + 20), copied);
    const room = limit - head.length;
    const isLast = whole.length - at <= room;
    const bytes = isLast ? whole.length - at : room - (room % BLOCK);
    head[0] = 0x40 + head.length / 4;
    put16(head, 2, head.length + bytes);
    put16(head, 6, (field + at / BLOCK) | (isLast ? 0 : MORE_FRAGMENTS));
    put16(head, 10, 0);
    put16(head, 10, checksum(head, 0, head.length));
    pieces.push({
      ...packet,
      frame: concat(frame.subarray(0, ip), head, whole.subarray(at, at + bytes)),
      ipLength: head.length + bytes,
      l4: at === 0 ? packet.l4 : undefined,
      l4Length: at === 0 ? bytes : 0,
    });
    at += bytes;
  }
  return pieces;
}

/** Options of which every fragment gets a copy, filled up to whole words; undefined if they cannot be read. */
function copiedOptions(options: Uint8Array): Uint8Array | undefined {
  const copied: number[] = [];
  for (let at = 0; at < options.length && options[at] !== 0; ) {
    const length = options[at] === 1 ? 1 : (options[at + 1] ?? 0);
    if ((options[at] !== 1 && length < 2) || at + length > options.length) return undefined;
    if (options[at] >= 128) copied.push(...options.subarray(at, at + length));
    at += length;
  }
  while (copied.length % 4 !== 0) copied.push(0);
  return Uint8Array.from(copied);
}

/** Whether its sender may be told (RFC 1122 §3.2.2, RFC 4443 §2.4): not about an error, nor about later fragments. */
export function mayBeTold({ frame, l4, protocol }: Packet, isError: boolean): boolean {
  if (l4 === undefined || isError) return false;
  if (protocol === ICMP) return frame[l4] === 0 || frame[l4] === 8;
  return protocol !== ICMP6 || frame[l4] >= 128;
}

const TTL = 64;
const LARGEST4 = 576;
const LARGEST6 = 1280;
const NEEDED = 4;
const UNREACHABLE = 3;
const TOO_BIG = 2;

/** "Fragmentation needed" (RFC 1191 §4) or "packet too big" (RFC 4443 §3.2) to a packet's sender, from where it was sent to. */
export function tooBig({ frame, ip, ipLength, family, src, dst }: Packet, limit: number): Uint8Array {
  const link = concat(frame.subarray(6, 12), frame.subarray(0, 6), frame.subarray(12, ip));
  const [headers, most] = family === 4 ? [28, LARGEST4] : [48, LARGEST6];
  const quoted = frame.subarray(ip, ip + Math.min(ipLength, most - headers));
  const icmp = concat(new Uint8Array(8), quoted);
  if (family === 4) {
    icmp.set([UNREACHABLE, NEEDED]);
    put16(icmp, 6, limit);
    put16(icmp, 2, checksum(icmp, 0, icmp.length));
    const header = concat(Uint8Array.of(0x45, 0xc0, 0, 0, 0, 0, 0x40, 0, TTL, ICMP, 0, 0), unhex(dst), unhex(src));
    put16(header, 2, header.length + icmp.length);
    put16(header, 10, checksum(header, 0, header.length));
    return concat(link, header, icmp);
  }
  icmp[0] = TOO_BIG;
  put16(icmp, 6, Math.max(limit, LARGEST6));
  const pseudo = concat(unhex(dst), unhex(src), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, ICMP6), icmp);
  put16(pseudo, 34, icmp.length);
  put16(icmp, 2, checksum(pseudo, 0, pseudo.length));
  const header = concat(Uint8Array.of(0x60, 0, 0, 0, 0, 0, ICMP6, TTL), unhex(dst), unhex(src));
  put16(header, 4, icmp.length);
  return concat(link, header, icmp);
}

const AT_ONCE = 100;
const PER_SECOND = 1000;

/** How many errors may be sent just now. */
export class ErrorBudget {
  private left = AT_ONCE;
  private since = 0;

  constructor(private readonly ticksPerSecond: number) {}

  take(now: number): boolean {
    this.left = Math.min(AT_ONCE, this.left + ((now - this.since) * PER_SECOND) / this.ticksPerSecond);
    this.since = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
