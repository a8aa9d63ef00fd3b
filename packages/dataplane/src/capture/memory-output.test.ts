import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createPcapng, MemoryOutput, PcapngWriter } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'lb-memory-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PACKET = Uint8Array.from({ length: 1500 }, (_, k) => k);

it('takes piece by piece the very bytes that a file would hold', () => {
  const path = join(folder, 'file.pcapng');
  const options = { interfaces: [{ name: 'received' }, { name: 'sent' }] };
  const file = createPcapng(path, options);
  const memory = new MemoryOutput();
  const writer = new PcapngWriter(memory, options);
  const pieces: Uint8Array[] = [];
  // Three times what the writer's buffer holds.
  for (let k = 0; k < 2000; k++) {
    for (const each of [file, writer]) each.write(PACKET, 0, 1 + (k % 1500), k, k, `packet ${k}`, k & 1);
    if (k % 700 === 0) pieces.push(memory.take());
  }
  expect(writer.bytesWritten).toBe(file.bytesWritten);
  file.close();
  writer.close();
  pieces.push(memory.take());
  expect(Buffer.concat(pieces).equals(readFileSync(path))).toBe(true);
  expect(() => writer.write(PACKET, 0, 1, 0, 0)).toThrow('already closed');
});
