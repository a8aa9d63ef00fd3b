import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CaptureReader } from './capture-reader.js';
import { readCaptureBytes } from './in-memory.js';
import { openCapture } from './open-capture.js';
import {
  allPackets,
  currentPacket,
  expectedPackets,
  malformedFolder,
  samplePath,
  samples,
  thrownBy,
} from './sample-files.testkit.js';

/** All that can be read, and the error at which it ended. */
function packetsOf(open: () => CaptureReader): { packets: unknown[]; error: unknown } {
  const packets: unknown[] = [];
  const error = thrownBy(() => {
    const reader = open();
    while (reader.next()) packets.push(currentPacket(reader));
  });
  return { packets, error };
}

describe('a capture in memory', () => {
  it.each(samples.map((sample) => [sample.file, sample] as const))('%s reads as tshark reads it', (file, sample) => {
    const bytes = fs.readFileSync(samplePath(file));
    expect(allPackets(readCaptureBytes(bytes, file))).toEqual(expectedPackets(sample));
    // Also where it does not begin its buffer.
    const inside = new Uint8Array(bytes.length + 3).subarray(3);
    inside.set(bytes);
    expect(allPackets(readCaptureBytes(inside, file))).toEqual(expectedPackets(sample));
  });

  it.each(fs.readdirSync(malformedFolder))('%s ends as the same file does', (file) => {
    const at = path.join(malformedFolder, file);
    const bytes = fs.readFileSync(at);
    const inMemory = packetsOf(() => readCaptureBytes(bytes, at));
    const asFile = packetsOf(() => openCapture(at));
    expect(inMemory.packets).toEqual(asFile.packets);
    expect(inMemory.error).toEqual(asFile.error);
  });

  it('hands packets out where they are in the file', () => {
    const bytes = fs.readFileSync(samplePath(samples[0]!.file));
    const reader = readCaptureBytes(bytes, 'x');
    expect(reader.next()).toBe(true);
    expect(reader.data).toBe(bytes);
    expect(reader.bytesRead).toBe(reader.dataOffset + reader.capturedLength);
  });
});
