import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaptureReader } from './capture-reader.js';

/** A packet as an independent tool sees it (testdata/README.md). */
export interface SamplePacket {
  readonly end: number;
  readonly sec: number;
  readonly nsec: number;
  readonly captured: number;
  readonly length: number;
  readonly interface: number;
  readonly linkType: number;
  readonly hex: string;
  readonly comment?: string;
}

export interface Sample {
  readonly file: string;
  /** Offsets at which the file can be cut without losing part of a record; the first is the end of the file header. */
  readonly boundaries: readonly number[];
  readonly packets: readonly SamplePacket[];
}

const folder = fileURLToPath(new URL('testdata/', import.meta.url));
export const malformedFolder = fileURLToPath(new URL('../../test/captures/malformed/', import.meta.url));

export const samples: readonly Sample[] = JSON.parse(fs.readFileSync(path.join(folder, 'samples.json'), 'utf8'));
export const malformed: Readonly<Record<string, string>> = JSON.parse(
  fs.readFileSync(path.join(malformedFolder, 'codes.json'), 'utf8'),
);

export function samplePath(file: string): string {
  return path.join(folder, file);
}

export function sampleNamed(file: string): Sample {
  const found = samples.find((each) => each.file === file);
  if (found === undefined) throw new Error(`no sample ${file}`);
  return found;
}

/** A new empty folder; the caller removes it. */
export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'capture-test-'));
}

/** The reader's current packet in the form of the samples, without its comment. */
export function currentPacket(reader: CaptureReader): Omit<SamplePacket, 'comment'> {
  const { data, dataOffset, capturedLength } = reader;
  return {
    end: reader.bytesRead,
    sec: reader.timestampSec,
    nsec: reader.timestampNsec,
    captured: capturedLength,
    length: reader.originalLength,
    interface: reader.interfaceId,
    linkType: reader.linkType,
    hex: Buffer.from(data.subarray(dataOffset, dataOffset + capturedLength)).toString('hex'),
  };
}

export function expectedPackets(sample: Sample): Omit<SamplePacket, 'comment'>[] {
  return sample.packets.map(({ comment: _, ...packet }) => packet);
}

/** Reads to the end and closes. */
export function allPackets(reader: CaptureReader): Omit<SamplePacket, 'comment'>[] {
  const packets = [];
  while (reader.next()) packets.push(currentPacket(reader));
  reader.close();
  return packets;
}

/** The error `action` ends with. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
