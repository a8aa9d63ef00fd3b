import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openCapture } from './open-capture.js';
import {
  allPackets,
  expectedPackets,
  sampleNamed,
  samplePath,
  temporaryFolder,
  thrownBy,
} from './sample-files.testkit.js';

const MIB = 1024 * 1024;
const folder = temporaryFolder();
afterAll(() => fs.rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

/** A sparse pcap file: the header of a sample, and zeros behind it up to `size`. Zeros read as empty records. */
function sparsePcap(name: string, size: number): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, fs.readFileSync(samplePath('struct-le.pcap')).subarray(0, 24));
  fs.truncateSync(file, size);
  return file;
}

describe('bounded memory', () => {
  it('reads 64 MiB of largest packets through one buffer of 1 MiB', () => {
    const count = 256;
    const recordBytes = 16 + 262_144;
    const file = sparsePcap('large.pcap', 24 + count * recordBytes);
    const fd = fs.openSync(file, 'r+');
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32LE(262_144, 0);
    lengths.writeUInt32LE(262_144, 4);
    for (let i = 0; i < count; i++) fs.writeSync(fd, lengths, 0, 8, 24 + i * recordBytes + 8);
    fs.closeSync(fd);
    const reader = openCapture(file);
    let bytes = 0;
    while (reader.next()) bytes += reader.capturedLength;
    reader.close();
    expect(bytes).toBe(count * 262_144);
    expect(reader.bytesRead).toBe(reader.sizeBytes);
    expect(reader.bufferBytes).toBe(MIB);
  });

  it('skips a block of 64 MiB through one buffer of 1 MiB', () => {
    const file = path.join(folder, 'skip.pcapng');
    const whole = fs.readFileSync(samplePath('struct-sections.pcapng'));
    const blockBytes = 64 * MIB;
    const fd = fs.openSync(file, 'w');
    fs.writeSync(fd, whole, 0, 56, 0);
    fs.writeSync(fd, Uint32Array.of(0x4242, blockBytes), 0, 8, 56);
    fs.writeSync(fd, Uint32Array.of(blockBytes), 0, 4, 56 + blockBytes - 4);
    fs.writeSync(fd, whole, 56, whole.length - 56, 56 + blockBytes);
    fs.closeSync(fd);
    const reader = openCapture(file);
    expect(allPackets(reader).length).toBe(sampleNamed('struct-sections.pcapng').packets.length);
    expect(reader.bufferBytes).toBe(MIB);
  });

  it('grows the buffer for bytes that came, not for bytes a length field promises', () => {
    const file = path.join(folder, 'promise.pcapng');
    const start = fs.readFileSync(samplePath('struct-sections.pcapng')).subarray(0, 56);
    fs.writeFileSync(
      file,
      Buffer.concat([start, Buffer.from(Uint32Array.of(6, 16 * MIB).buffer), Buffer.alloc(3 * MIB)]),
    );
    const reader = openCapture(file);
    expect(thrownBy(() => reader.next())).toMatchObject({ code: 'LB_CAP_TRUNCATED' });
    reader.close();
    expect(reader.bufferBytes).toBe(4 * MIB);
  });
});

describe.runIf(process.platform !== 'win32')('pipes', () => {
  function fedBy(script: string): { fifo: string; ended: Promise<unknown> } {
    const fifo = path.join(folder, `fifo-${fs.readdirSync(folder).length}`);
    execFileSync('mkfifo', [fifo]);
    const child = spawn('sh', ['-c', `{ ${script}; } > "$FIFO"`], {
      env: { ...process.env, FIFO: fifo },
      stdio: 'ignore',
    });
    return { fifo, ended: once(child, 'exit') };
  }

  it('reads a FIFO, whose size is unknown', async () => {
    const { fifo, ended } = fedBy(`cat '${samplePath('struct-le.pcapng')}'`);
    const reader = openCapture(fifo);
    expect(reader.sizeBytes).toBeUndefined();
    expect(allPackets(reader)).toEqual(expectedPackets(sampleNamed('struct-le.pcapng')));
    await ended;
  });

  it('reads 64 MiB from a FIFO through one buffer of 1 MiB', async () => {
    const { fifo, ended } = fedBy(`head -c 24 '${samplePath('struct-le.pcap')}'; head -c ${64 * MIB} /dev/zero`);
    const reader = openCapture(fifo);
    while (reader.next());
    reader.close();
    expect(reader.recordNumber).toBe((64 * MIB) / 16);
    expect(reader.bufferBytes).toBe(MIB);
    await ended;
  });
});

describe('what systems do to reads', () => {
  it('reads standard input for -, and leaves it open', () => {
    const fd = fs.openSync(samplePath('editcap.pcapng'), 'r');
    const { readSync, fstatSync } = fs;
    vi.spyOn(fs, 'fstatSync').mockImplementation((() => fstatSync(fd)) as unknown as typeof fs.fstatSync);
    vi.spyOn(fs, 'readSync').mockImplementation(((from: number, ...rest: [Uint8Array, number, number, null]) => {
      expect(from).toBe(0);
      return readSync(fd, ...rest);
    }) as typeof fs.readSync);
    const close = vi.spyOn(fs, 'closeSync');
    expect(allPackets(openCapture('-'))).toEqual(expectedPackets(sampleNamed('editcap.pcapng')));
    expect(close).not.toHaveBeenCalled();
    fs.closeSync(fd);
  });

  it('survives short reads, interruptions, empty non-blocking pipes and the end of a Windows pipe', () => {
    const { readSync } = fs;
    let call = 0;
    vi.spyOn(fs, 'readSync').mockImplementation(((fd: number, into: Uint8Array, at: number) => {
      call++;
      if (call % 5 === 1) throw systemError('EAGAIN');
      if (call % 5 === 3) throw systemError('EINTR');
      const got = readSync(fd, into, at, 100, null);
      if (got === 0) throw systemError('EOF');
      return got;
    }) as typeof fs.readSync);
    const file = 'struct-be.pcapng';
    expect(allPackets(openCapture(samplePath(file)))).toEqual(expectedPackets(sampleNamed(file)));
  });

  it('reports a failing disk with the place', () => {
    const { readSync } = fs;
    vi.spyOn(fs, 'readSync').mockImplementation(((fd: number, into: Uint8Array, at: number) => {
      if (at > 0) throw systemError('EIO');
      return readSync(fd, into, at, 30, null);
    }) as typeof fs.readSync);
    const reader = openCapture(samplePath('struct-le.pcap'));
    expect(thrownBy(() => reader.next())).toMatchObject({
      code: 'LB_CAP_READ',
      message: expect.stringContaining('byte offset 30'),
    });
    reader.close();
  });
});
