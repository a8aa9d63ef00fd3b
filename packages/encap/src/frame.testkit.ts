import { expect } from 'vitest';
import { type FrameViews, frameViews } from './frame-views.js';

/** What every byte outside a test's packet holds, so that a stray write shows. */
const GUARD = 0xa5;
const HEADROOM = 128;

/** One packet in the middle of guarded frame memory. */
export interface TestFrame extends FrameViews {
  /** Byte offset of the packet's first byte, a multiple of 4. */
  readonly ip: number;
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** Raw 32-bit words of an address in hex. */
export function rawWords(hex: string): number[] {
  const bytes = Buffer.from(hex, 'hex');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
}

/** Raw 16-bit field of a number; −1 stays −1. */
export function rawPort(port: number): number {
  return port < 0 ? -1 : ((port & 0xff) << 8) | (port >>> 8);
}

/** Frame memory with `packet` at `ip`, and `tailBytes` of guarded memory behind it. */
export function frameOf(packet: Uint8Array, tailBytes = 128): TestFrame {
  const views = frameViews(new ArrayBuffer((HEADROOM + packet.length + tailBytes + 3) & ~3));
  views.u8.fill(GUARD);
  views.u8.set(packet, HEADROOM);
  return { ...views, ip: HEADROOM };
}

/** Checks that the frame holds `expected` at byte offset `at`, and untouched guard bytes everywhere else. */
export function expectOnly(frame: FrameViews, at: number, expected: Uint8Array): void {
  const memory = new Uint8Array(frame.u8.length).fill(GUARD);
  memory.set(expected, at);
  expect(Buffer.from(frame.u8).toString('hex')).toBe(Buffer.from(memory).toString('hex'));
}
