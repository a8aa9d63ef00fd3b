import fs from 'node:fs';
import path from 'node:path';
import { LbError } from '@lb/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CAPTURE_ERRORS } from './errors.js';
import { MAX_CAPTURED_BYTES } from './limits.js';
import { openCapture } from './open-capture.js';
import { samplePath, samples, temporaryFolder } from './sample-files.testkit.js';

const CHUNK_BYTES = 64;
const folder = temporaryFolder();
const file = path.join(folder, 'fuzz');
afterAll(() => fs.rmSync(folder, { recursive: true }));

const originals = samples.map((sample) => fs.readFileSync(samplePath(sample.file)));

/** Reads the file and checks what must hold for every file: packets or an error of the table, in bounded steps and memory. */
function readHostile(bytes: Uint8Array): void {
  fs.writeFileSync(file, bytes);
  let packets = 0;
  try {
    const reader = openCapture(file, { chunkBytes: CHUNK_BYTES });
    try {
      let offset = 0;
      while (reader.next()) {
        packets++;
        expect(reader.bytesRead).toBeGreaterThanOrEqual(offset + 16);
        offset = reader.bytesRead;
        expect(reader.capturedLength).toBeLessThanOrEqual(MAX_CAPTURED_BYTES);
        expect(reader.dataOffset + reader.capturedLength).toBeLessThanOrEqual(reader.data.length);
        expect(reader.timestampNsec).toBeGreaterThanOrEqual(0);
        expect(reader.timestampNsec).toBeLessThan(1_000_000_000);
        expect(Number.isInteger(reader.timestampSec)).toBe(true);
      }
      expect(reader.bytesRead).toBe(bytes.length);
    } finally {
      reader.close();
      expect(reader.bufferBytes).toBeLessThanOrEqual(Math.max(CHUNK_BYTES, 2 * bytes.length));
    }
  } catch (error) {
    if (!(error instanceof LbError)) throw error;
    expect(Object.keys(CAPTURE_ERRORS)).toContain(error.code);
  }
  expect(packets * 16).toBeLessThanOrEqual(bytes.length);
}

const mutation = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({
    kind: fc.constant('word' as const),
    at: fc.nat(),
    value: fc.oneof(
      fc.constantFrom(0, 1, 4, 8, 12, 16, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff),
      fc.nat(0xffffffff),
    ),
  }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(), value: fc.nat(64) }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(), value: fc.nat(200) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), value: fc.constant(0) }),
);

function mutated(original: Buffer, changes: readonly { kind: string; at: number; value: number }[]): Buffer {
  let bytes = Buffer.from(original);
  for (const { kind, at: anywhere, value } of changes) {
    const at = anywhere % (bytes.length + 1);
    if (kind === 'byte' && at < bytes.length) bytes[at] = value;
    else if (kind === 'word' && at + 4 <= bytes.length) bytes.writeUInt32LE(value, at & ~3);
    else if (kind === 'delete') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + value)]);
    else if (kind === 'repeat') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - value))]);
    else if (kind === 'cut') bytes = bytes.subarray(0, at);
  }
  return bytes;
}

describe('hostile captures', () => {
  it('end in packets or a named error after any mutation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (original, changes) => readHostile(mutated(original, changes)),
      ),
      { numRuns: 1500 },
    );
  });

  it('end in packets or a named error when random bytes follow a sound header', () => {
    const headers = [
      ...originals.map((original) => original.subarray(0, 24)),
      fs.readFileSync(samplePath('struct-sections.pcapng')).subarray(0, 56),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...headers), fc.uint8Array({ maxLength: 300 }), (header, rest) =>
        readHostile(Buffer.concat([header, rest])),
      ),
      { numRuns: 500 },
    );
  });

  it('end in a named error when they are random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), readHostile), { numRuns: 300 });
  });
});
