import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { LbError } from '@lb/core';
import { type CaptureErrorCode, captureError, errorText, systemErrorCode } from './errors.js';
import { WRITE_BUFFER_BYTES } from './limits.js';
import { pauseBriefly } from './wait.js';

/** These name an open descriptor of this process, so nothing can be put beside them and renamed. */
const DESCRIPTOR_PATHS = /^\/(dev\/(stdin|stdout|stderr|fd\/)|proc\/)/;

const WRITE_CODES: Readonly<Record<string, CaptureErrorCode>> = {
  ENOSPC: 'LB_CAP_NO_SPACE',
  EDQUOT: 'LB_CAP_NO_SPACE',
  EPIPE: 'LB_CAP_PIPE_CLOSED',
};

const WRITE_SENTENCES: Readonly<Partial<Record<CaptureErrorCode, string>>> = {
  LB_CAP_NO_SPACE: 'no space is left for the output',
  LB_CAP_PIPE_CLOSED: 'the reader of the output has closed it',
};

/** Where the bytes go: `temporary` is undefined when they go straight to `target`. */
interface Destination {
  readonly fd: number;
  readonly target: string;
  readonly temporary: string | undefined;
}

/**
 * A buffered output file that appears under its name only when it is complete.
 *
 * | state  | entered by                | what lies on disk                         |
 * | ------ | ------------------------- | ----------------------------------------- |
 * | open   | constructor               | a hidden temporary file beside the target |
 * | closed | `close()`                 | the target, complete                      |
 * | failed | an error of any call      | what was there before                     |
 * | failed | `abort()` while open      | what was there before                     |
 *
 * Standard output (`-`), FIFOs and devices are written to directly; what they have taken cannot be taken back.
 */
export class OutputFile {
  /** Room for the next bytes is `reserve`d in here and then taken by `commit`. `view` covers the same bytes. */
  readonly bytes = new Uint8Array(WRITE_BUFFER_BYTES);
  readonly view = new DataView(this.bytes.buffer);
  /** How messages call this file. */
  readonly name: string;
  readonly #destination: Destination;
  #used = 0;
  #written = 0;
  #state: 'open' | 'closed' | 'failed' = 'open';
  #failure: LbError | undefined;

  constructor(path: string) {
    this.name = path === '-' ? 'standard output' : path;
    this.#destination = openForWriting(path, this.name);
  }

  /** Bytes committed so far. */
  get bytesWritten(): number {
    return this.#written + this.#used;
  }

  /** Returns where in `bytes` the next `count` bytes (at most the buffer's size) go, writing the buffer out if it is full. */
  reserve(count: number): number {
    if (this.#state !== 'open') throw this.#failure ?? captureError('LB_CAP_CLOSED', `${this.name}: is already closed`);
    if (this.#used + count > this.bytes.length) this.flush();
    return this.#used;
  }

  /** Takes `count` bytes at the offset that `reserve` returned. */
  commit(count: number): void {
    this.#used += count;
  }

  /** Hands all committed bytes to the system. */
  flush(): void {
    let done = 0;
    while (done < this.#used) {
      try {
        done += fs.writeSync(this.#destination.fd, this.bytes, done, this.#used - done);
      } catch (error) {
        if (systemErrorCode(error) === 'EAGAIN') pauseBriefly();
        else throw this.#fail(error);
      }
    }
    this.#written += this.#used;
    this.#used = 0;
  }

  /** Writes the rest and puts the file in its place. Repeating it does nothing; after a failure it throws that failure. */
  close(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state !== 'open') return;
    this.flush();
    const { fd, target, temporary } = this.#destination;
    this.#state = 'closed';
    try {
      if (fd !== 1) fs.closeSync(fd);
      if (temporary !== undefined) fs.renameSync(temporary, target);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Gives the output up: nothing new is left on disk. Never throws; does nothing once closed or failed. */
  abort(): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#discard();
  }

  #fail(error: unknown): LbError {
    const code = WRITE_CODES[systemErrorCode(error)] ?? 'LB_CAP_WRITE';
    const what = WRITE_SENTENCES[code] ?? 'writing failed';
    this.#failure = captureError(code, `${this.name}: ${what}, ${this.bytesWritten} bytes in: ${errorText(error)}`);
    this.#discard(this.#state === 'closed');
    this.#state = 'failed';
    return this.#failure;
  }

  #discard(descriptorClosed = false): void {
    const { fd, temporary } = this.#destination;
    try {
      if (fd !== 1 && !descriptorClosed) fs.closeSync(fd);
    } catch {
      // The failure that led here is the one to report.
    }
    if (temporary !== undefined) fs.rmSync(temporary, { force: true });
  }
}

function openForWriting(wanted: string, name: string): Destination {
  if (wanted === '-') return { fd: 1, target: wanted, temporary: undefined };
  try {
    const existing = fs.statSync(wanted, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw new Error('is a directory');
    if (DESCRIPTOR_PATHS.test(wanted) || (existing !== undefined && !existing.isFile())) {
      return { fd: fs.openSync(wanted, 'w'), target: wanted, temporary: undefined };
    }
    // A rename would replace a symbolic link, and a file the user protected; both must stay.
    const target = existing === undefined ? wanted : fs.realpathSync(wanted);
    if (existing !== undefined) fs.accessSync(target, fs.constants.W_OK);
    const temporary = path.join(path.dirname(target), `.lb-capture-${randomBytes(6).toString('hex')}.part`);
    const mode = existing === undefined ? 0o666 : existing.mode & 0o777;
    return { fd: fs.openSync(temporary, 'wx', mode), target, temporary };
  } catch (error) {
    throw captureError('LB_CAP_CREATE', `${name}: cannot be created: ${errorText(error)}`);
  }
}
