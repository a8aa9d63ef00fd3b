import { parseAddress } from '@lb/core';
import { finish, frameViews, pseudoHeaderSum4, pseudoHeaderSum6, sumBytes } from '@lb/encap';

export interface PacketOptions {
  protocol?: 6 | 17;
  sport?: number;
  dport?: number;
  payload?: number;
  dontFragment?: boolean;
  /** TCP maximum segment size option; makes the packet a SYN unless `flags` says otherwise. */
  mss?: number;
  /** TCP flags; by default ACK. */
  flags?: number;
}

/** An Ethernet frame with a TCP or UDP packet, checksums right. */
export function packet(src: string, dst: string, options: PacketOptions = {}): Uint8Array {
  const { protocol = 17, sport = 1234, dport = 80, payload = 10, dontFragment = false, mss } = options;
  const { flags = mss === undefined ? 0x10 : 0x02 } = options;
  const [from, to] = [parseAddress(src), parseAddress(dst)];
  const six = from.family === 6;
  const ip = 16;
  const l4 = ip + (six ? 40 : 20);
  const header = protocol === 17 ? 8 : mss === undefined ? 20 : 24;
  const end = l4 + header + payload;
  const frames = frameViews(new ArrayBuffer((end + 3) & ~3));
  const { u8, u16, u32 } = frames;
  u8.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...(six ? [0x86, 0xdd] : [8, 0])], 2);
  const l4Bytes = end - l4;
  if (six) u8.set([0x60, 0, 0, 0, l4Bytes >>> 8, l4Bytes, protocol, 64], ip);
  else u8.set([0x45, 0, (end - ip) >>> 8, end - ip, 0x12, 0x34, dontFragment ? 0x40 : 0, 0, 64, protocol], ip);
  u8.set(from.bytes, ip + (six ? 8 : 12));
  u8.set(to.bytes, ip + (six ? 24 : 16));
  if (!six) u16[(ip + 10) >>> 1] = finish(sumBytes(u8, ip, 20));
  u8.set([sport >>> 8, sport, dport >>> 8, dport], l4);
  if (protocol === 17) u8.set([l4Bytes >>> 8, l4Bytes], l4 + 4);
  else u8.set([(header / 4) << 4, flags], l4 + 12);
  if (mss !== undefined) u8.set([2, 4, mss >>> 8, mss], l4 + 20);
  for (let k = 0; k < payload; k++) u8[l4 + header + k] = k;
  const pseudo = six ? pseudoHeaderSum6(u32, ip, protocol, l4Bytes) : pseudoHeaderSum4(u32, ip, protocol, l4Bytes);
  u16[(l4 + (protocol === 6 ? 16 : 6)) >>> 1] = finish(sumBytes(u8, l4, l4Bytes, pseudo)) || 0xffff;
  return u8.slice(2, end);
}

/** An ICMP "host unreachable" from a router to the sender of an IPv4 packet, with 8 bytes of its transport header. */
export function unreachable(router: string, about: Uint8Array): Uint8Array {
  const frame = new Uint8Array(14 + 20 + 8 + 28);
  frame.set(about.subarray(0, 14));
  const ip = frame.subarray(14);
  ip.set([0x45, 0, 0, ip.length, 0, 0, 0, 0, 64, 1]);
  ip.set(parseAddress(router).bytes, 12);
  ip.set(about.subarray(14 + 12, 14 + 16), 16);
  ip.set([3, 1], 20);
  ip.set(about.subarray(14, 14 + 28), 28);
  put(ip, 10, finish(sumBytes(ip, 0, 20)));
  put(ip, 22, finish(sumBytes(ip, 20, ip.length - 20)));
  return frame;
}

function put(bytes: Uint8Array, at: number, raw: number): void {
  bytes[at] = raw;
  bytes[at + 1] = raw >>> 8;
}

/** An IPv4 frame cut into fragments of `bytes` bytes (a multiple of 8) of payload each. */
export function fragments(frame: Uint8Array, identification: number, bytes: number): Uint8Array[] {
  const payload = frame.subarray(34);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += bytes) {
    const part = payload.subarray(at, at + bytes);
    const out = new Uint8Array(34 + part.length);
    out.set(frame.subarray(0, 34));
    out.set(part, 34);
    const ip = out.subarray(14);
    const flags = (at / 8) | (at + bytes < payload.length ? 0x2000 : 0);
    ip.set([ip.length >>> 8, ip.length, identification >>> 8, identification, flags >>> 8, flags], 2);
    put(ip, 10, 0);
    put(ip, 10, finish(sumBytes(ip, 0, 20)));
    parts.push(out);
  }
  return parts;
}
