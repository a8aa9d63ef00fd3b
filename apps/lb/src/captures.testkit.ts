import { createCapture, openCapture } from '@lb/dataplane';
import { frameViews } from '@lb/encap';
import { writeFirstPacket } from './explain/first-packet.js';
import { parseFlow } from './explain/flow.js';

const FRAME_AT = 66;

/** The frame of the first packet of a flow. */
export function firstPacket(flow: string): Uint8Array {
  const frames = frameViews(new ArrayBuffer(2048));
  const length = writeFirstPacket(frames, FRAME_AT, parseFlow(flow));
  return frames.u8.slice(FRAME_AT, FRAME_AT + length);
}

/** Writes a capture with `intervalMs` between the frames. */
export function writeCapture(path: string, frames: readonly Uint8Array[], intervalMs = 1): void {
  const writer = createCapture(path);
  frames.forEach((frame, i) => {
    const ms = i * intervalMs;
    writer.write(frame, 0, frame.length, 1_700_000_000 + Math.floor(ms / 1000), (ms % 1000) * 1_000_000);
  });
  writer.close();
}

/** The frames of a capture. */
export function readCapture(path: string): Uint8Array[] {
  const reader = openCapture(path);
  const frames: Uint8Array[] = [];
  while (reader.next()) {
    frames.push(reader.data.slice(reader.dataOffset, reader.dataOffset + reader.capturedLength));
  }
  reader.close();
  return frames;
}
