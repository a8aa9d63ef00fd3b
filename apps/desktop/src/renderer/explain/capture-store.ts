import { type CapturedPacket, readCapture } from '@lb/control/captures';
import { createStore } from 'zustand/vanilla';
import { formatCount } from '../ui/index.js';
import { askPacket } from './asked.js';

/** A capture file that is looked at. */
export interface CaptureState {
  readonly name: string | null;
  readonly bytes: Uint8Array;
  readonly packets: readonly CapturedPacket[];
  /** What is to be known of the file: why it could not be read, or not all of it. */
  readonly problem: string | null;
  /** Number of the packet that is explained. */
  readonly picked: number | null;
}

export const MOST_BYTES = 64 * 1024 * 1024;
export const MOST_PACKETS = 100_000;
const NOTHING: CaptureState = { name: null, bytes: new Uint8Array(0), packets: [], problem: null, picked: null };

export const capture = createStore<CaptureState>()(() => NOTHING);

/** Takes a file with its bytes. What is wrong with it is said, and the capture that was there before stays. */
export function takeCapture(name: string, bytes: Uint8Array): void {
  const tooLarge = tooLargeText(name, bytes.length);
  capture.setState(tooLarge === null ? contentsOf(name, bytes) : { problem: tooLarge });
}

function contentsOf(name: string, bytes: Uint8Array): Partial<CaptureState> {
  const { packets, hasMore, error } = readCapture(bytes, name, MOST_PACKETS);
  const problem = error === null ? null : [error.message, error.hint].filter(Boolean).join('. ');
  if (packets.length === 0) return { problem: problem ?? `${name}: there is no packet in it` };
  const first = `These are its first ${formatCount(MOST_PACKETS)} packets.`;
  return { name, bytes, packets, problem: hasMore ? first : problem, picked: null };
}

/** Reads a file that was dropped. */
export async function takeFile(file: File): Promise<void> {
  const tooLarge = tooLargeText(file.name, file.size);
  if (tooLarge !== null) return sayProblem(tooLarge);
  try {
    takeCapture(file.name, new Uint8Array(await file.arrayBuffer()));
  } catch (error) {
    // As of a folder.
    sayProblem(`${file.name} cannot be read: ${(error as Error).message}`);
  }
}

export function sayProblem(problem: string): void {
  capture.setState({ problem });
}

/** Has a packet of the capture explained. */
export function pickPacket(packet: CapturedPacket): void {
  const { name, bytes } = capture.getState();
  capture.setState({ picked: packet.number });
  askPacket(hexOf(packetBytes(bytes, packet)), `packet ${formatCount(packet.number)} of ${name}`);
}

export function packetBytes(bytes: Uint8Array, { offset, capturedBytes }: CapturedPacket): Uint8Array {
  return bytes.subarray(offset, offset + capturedBytes);
}

export function closeCapture(): void {
  capture.setState(NOTHING);
}

function tooLargeText(name: string, bytes: number): string | null {
  if (bytes <= MOST_BYTES) return null;
  return `${name} has ${formatCount(bytes)} bytes, and ${formatCount(MOST_BYTES)} are the most. editcap -c cuts a capture into smaller ones.`;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
