import fs from 'node:fs';
import type { ByteInput } from './byte-input.js';
import { captureError, errorText, systemErrorCode } from './errors.js';
import { READ_CHUNK_BYTES } from './limits.js';
import { pauseBriefly } from './wait.js';

/**
 * A file, FIFO or standard input seen through one sliding buffer.
 *
 * The unread bytes lie at `position … end` of `bytes`. Memory follows the bytes that arrived, never the bytes a header
 * promises: the buffer doubles only when it is full and the caller still asks for more.
 */
export class ByteSource implements ByteInput {
  /** Replaced when the buffer grows; so is `view`, which covers the same bytes. */
  bytes: Uint8Array;
  view: DataView;
  position = 0;
  /** How messages call this source. */
  readonly name: string;
  /** Size of a regular file when it was opened; undefined for pipes, devices and standard input fed by them. */
  readonly sizeBytes: number | undefined;
  #end = 0;
  #baseOffset = 0;
  #fd: number;
  #atEnd = false;

  constructor(path: string, chunkBytes = READ_CHUNK_BYTES) {
    this.name = path === '-' ? 'standard input' : path;
    const opened = openForReading(path, this.name);
    this.#fd = opened.fd;
    this.sizeBytes = opened.sizeBytes;
    this.bytes = new Uint8Array(chunkBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Bytes of the source before `position`. */
  get offset(): number {
    return this.#baseOffset + this.position;
  }

  /**
   * Makes `wanted` bytes available from `position`, reading as needed, and returns how many there are: at least
   * `wanted`, or fewer when the source ends before. Blocks on a pipe. May move the bytes and replace `bytes` and `view`.
   */
  available(wanted: number): number {
    if (this.#end - this.position < wanted) this.#fill(wanted);
    return this.#end - this.position;
  }

  /** Moves over `count` bytes without holding them and returns how many there were: fewer than `count` at the end. */
  skip(count: number): number {
    let left = count;
    while (left > 0) {
      const have = this.available(1);
      if (have === 0) break;
      const step = Math.min(have, left);
      this.position += step;
      left -= step;
    }
    return count - left;
  }

  close(): void {
    if (this.#fd > 0) fs.closeSync(this.#fd);
    this.#fd = -1;
    this.#atEnd = true;
  }

  #fill(wanted: number): void {
    this.#slide();
    while (this.#end < wanted && !this.#atEnd) {
      if (this.#end === this.bytes.length) this.#grow();
      const got = this.#read();
      if (got === 0) this.#atEnd = true;
      this.#end += got;
    }
  }

  #slide(): void {
    if (this.position === 0) return;
    this.bytes.copyWithin(0, this.position, this.#end);
    this.#baseOffset += this.position;
    this.#end -= this.position;
    this.position = 0;
  }

  #grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  #read(): number {
    for (;;) {
      try {
        return fs.readSync(this.#fd, this.bytes, this.#end, this.bytes.length - this.#end, null);
      } catch (error) {
        const code = systemErrorCode(error);
        // A closed pipe on Windows ends with this error instead of 0 bytes.
        if (code === 'EOF') return 0;
        if (code === 'EAGAIN') pauseBriefly();
        else if (code !== 'EINTR') {
          const at = this.#baseOffset + this.#end;
          throw captureError('LB_CAP_READ', `${this.name}: reading failed at byte offset ${at}: ${errorText(error)}`);
        }
      }
    }
  }
}

function openForReading(path: string, name: string): { fd: number; sizeBytes: number | undefined } {
  let fd = 0;
  try {
    if (path !== '-') fd = fs.openSync(path, 'r');
    const stat = fs.fstatSync(fd);
    if (!stat.isDirectory()) return { fd, sizeBytes: stat.isFile() ? stat.size : undefined };
  } catch (error) {
    if (fd > 0) fs.closeSync(fd);
    throw captureError('LB_CAP_OPEN', openFailure(name, error), 'Give a pcap or pcapng file, or - for standard input.');
  }
  if (fd > 0) fs.closeSync(fd);
  throw captureError('LB_CAP_OPEN', `${name}: is a directory; a pcap or pcapng file is needed`);
}

function openFailure(name: string, error: unknown): string {
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return `${name}: no such file`;
  if (code === 'EACCES' || code === 'EPERM') return `${name}: may not be read (permission denied)`;
  return `${name}: cannot be opened: ${errorText(error)}`;
}
