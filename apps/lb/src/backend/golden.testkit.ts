import { readFileSync } from 'node:fs';
import { type FrameViews, frameViews } from '@lb/encap';

/** What every byte outside a test's frame holds, so that a stray write shows. */
export const GUARD = 0xa5;
/** Where the Ethernet header starts; 2 mod 4, as queues deliver frames. */
export const FRAME_AT = 258;

/** Cases of a file of packages/encap/test/golden: bytes made by scapy, in hex. */
export function golden<Case>(name: string): Case[] {
  const path = new URL(`../../../../packages/encap/test/golden/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] }).cases;
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** An Ethernet frame with the packet inside; its type by the packet's version. */
export function etherFrame(packet: Uint8Array, etherType = packet[0]! >>> 4 === 6 ? 0x86dd : 0x0800): Uint8Array {
  return Uint8Array.of(2, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0, 8, etherType >>> 8, etherType & 0xff, ...packet);
}

/** Frame memory with `frame` at {@link FRAME_AT}, and guard bytes around it. */
export function memoryWith(frame: Uint8Array): FrameViews {
  const views = frameViews(new ArrayBuffer(4096));
  views.u8.fill(GUARD);
  views.u8.set(frame, FRAME_AT);
  return views;
}

/** The IPv4 packet with its header checksum as RFC 791 wants it. */
export function withHeaderChecksum(packet: Uint8Array): Uint8Array {
  const fixed = packet.slice();
  fixed[10] = 0;
  fixed[11] = 0;
  let sum = 0;
  for (let i = 0; i < (fixed[0]! & 15) * 4; i += 2) sum += (fixed[i]! << 8) | fixed[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  fixed[10] = (~sum >>> 8) & 0xff;
  fixed[11] = ~sum & 0xff;
  return fixed;
}
