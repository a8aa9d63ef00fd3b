import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutputFile } from './output-file.js';
import { temporaryFolder, thrownBy } from './sample-files.testkit.js';

let folder = '';
let target = '';
beforeEach(() => {
  folder = temporaryFolder();
  target = path.join(folder, 'out.pcap');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

function put(file: OutputFile, text: string): void {
  const at = file.reserve(text.length);
  file.bytes.set(Buffer.from(text), at);
  file.commit(text.length);
}

function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: made by the test`), { code });
  };
}

describe('OutputFile', () => {
  it('shows the file only when it is complete', () => {
    const file = new OutputFile(target);
    put(file, 'all of it');
    file.flush();
    expect(fs.existsSync(target)).toBe(false);
    expect(fs.readdirSync(folder).length).toBe(1);
    file.close();
    file.close();
    expect(fs.readdirSync(folder)).toEqual(['out.pcap']);
    expect(fs.readFileSync(target, 'utf8')).toBe('all of it');
  });

  it('keeps the old file until the new one is complete, and when it is given up', () => {
    fs.writeFileSync(target, 'old', { mode: 0o640 });
    const given = new OutputFile(target);
    put(given, 'new');
    given.flush();
    given.abort();
    given.abort();
    expect(fs.readdirSync(folder)).toEqual(['out.pcap']);
    expect(fs.readFileSync(target, 'utf8')).toBe('old');
    expect(thrownBy(() => put(given, 'more'))).toMatchObject({ code: 'LB_CAP_CLOSED' });
    const file = new OutputFile(target);
    put(file, 'new');
    file.close();
    expect(fs.readFileSync(target, 'utf8')).toBe('new');
    expect(thrownBy(() => put(file, 'more'))).toMatchObject({ code: 'LB_CAP_CLOSED' });
  });

  it('writes buffers that are full, also when the system takes them in pieces or not at once', () => {
    const { writeSync } = fs;
    let call = 0;
    vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, from: Uint8Array, at: number, length: number) => {
      if (++call % 2 === 1) failing('EAGAIN')();
      return writeSync(fd, from, at, Math.min(length, 700_000));
    }) as typeof fs.writeSync);
    const file = new OutputFile(target);
    const expected = Buffer.alloc(3_000_000);
    for (let i = 0; i < 30; i++) {
      const at = file.reserve(100_000);
      file.bytes.fill(i, at, at + 100_000);
      file.commit(100_000);
      expected.fill(i, i * 100_000, (i + 1) * 100_000);
      expect(file.bytesWritten).toBe((i + 1) * 100_000);
    }
    file.close();
    expect(fs.readFileSync(target).equals(expected)).toBe(true);
  });

  it.each([
    ['ENOSPC', 'LB_CAP_NO_SPACE'],
    ['EDQUOT', 'LB_CAP_NO_SPACE'],
    ['EPIPE', 'LB_CAP_PIPE_CLOSED'],
    ['EIO', 'LB_CAP_WRITE'],
  ])('on %s fails with %s and leaves nothing behind', (system, code) => {
    const file = new OutputFile(target);
    put(file, 'half');
    const write = vi.spyOn(fs, 'writeSync').mockImplementation(failing(system));
    const error = thrownBy(() => file.close());
    expect(error).toMatchObject({ name: 'LbError', code, message: expect.stringContaining(target) });
    expect(fs.readdirSync(folder)).toEqual([]);
    write.mockRestore();
    expect(thrownBy(() => put(file, 'more'))).toBe(error);
    expect(thrownBy(() => file.close())).toBe(error);
    file.abort();
  });

  it('fails when the finished file cannot be put in its place', () => {
    const file = new OutputFile(target);
    put(file, 'all of it');
    vi.spyOn(fs, 'renameSync').mockImplementation(failing('EIO'));
    expect(thrownBy(() => file.close())).toMatchObject({ code: 'LB_CAP_WRITE' });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('does not replace a file that may not be written', () => {
    fs.writeFileSync(target, 'protected');
    vi.spyOn(fs, 'accessSync').mockImplementation(failing('EACCES'));
    expect(thrownBy(() => new OutputFile(target))).toMatchObject({ code: 'LB_CAP_CREATE' });
    expect(fs.readdirSync(folder)).toEqual(['out.pcap']);
  });

  it('refuses a directory and a path below nothing', () => {
    expect(thrownBy(() => new OutputFile(folder))).toMatchObject({
      code: 'LB_CAP_CREATE',
      message: `${folder}: cannot be created: is a directory`,
    });
    const lost = path.join(folder, 'none', 'out.pcap');
    expect(thrownBy(() => new OutputFile(lost))).toMatchObject({
      code: 'LB_CAP_CREATE',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('writes standard output for -, and leaves it open', () => {
    const written: string[] = [];
    vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, from: Uint8Array, at: number, length: number) => {
      written.push(`${fd}:${Buffer.from(from.subarray(at, at + length)).toString()}`);
      return length;
    }) as typeof fs.writeSync);
    const close = vi.spyOn(fs, 'closeSync');
    const file = new OutputFile('-');
    put(file, 'to a pipe');
    file.close();
    expect(written).toEqual(['1:to a pipe']);
    expect(close).not.toHaveBeenCalled();
  });
});

describe.runIf(process.platform !== 'win32')('OutputFile on Unix', () => {
  it('keeps a symbolic link and replaces what it points to', () => {
    const link = path.join(folder, 'link.pcap');
    fs.writeFileSync(target, 'old', { mode: 0o600 });
    fs.symlinkSync('out.pcap', link);
    const file = new OutputFile(link);
    put(file, 'new');
    file.close();
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(target, 'utf8')).toBe('new');
    expect(fs.statSync(target).mode & 0o777).toBe(0o600);
  });

  it('writes to a FIFO directly, and reports a reader that went away', () => {
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const file = new OutputFile(fifo);
    put(file, 'first');
    file.flush();
    const seen = Buffer.alloc(16);
    expect(seen.toString('utf8', 0, fs.readSync(reader, seen))).toBe('first');
    fs.closeSync(reader);
    put(file, 'second');
    expect(thrownBy(() => file.flush())).toMatchObject({ code: 'LB_CAP_PIPE_CLOSED' });
    expect(fs.readdirSync(folder)).toEqual(['fifo']);
  });

  it('writes to /dev/null directly and leaves the device alone', () => {
    const file = new OutputFile('/dev/null');
    put(file, 'gone');
    file.close();
    const aborted = new OutputFile('/dev/null');
    aborted.abort();
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('OutputFile on a full device', () => {
  it('says that no space is left', () => {
    const file = new OutputFile('/dev/full');
    put(file, 'too much');
    expect(thrownBy(() => file.flush())).toMatchObject({
      code: 'LB_CAP_NO_SPACE',
      message: expect.stringContaining('/dev/full'),
    });
  });
});
