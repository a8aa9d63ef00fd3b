import { captureError } from './errors.js';
import { WRITE_BUFFER_BYTES } from './limits.js';
import type { OutputFile } from './output-file.js';

/** What a writer needs of where its bytes go. */
export type CaptureOutput = Pick<
  OutputFile,
  'bytes' | 'view' | 'name' | 'bytesWritten' | 'reserve' | 'commit' | 'flush' | 'close' | 'abort'
>;

/** The bytes of a capture for somebody who sends them on, piece by piece. What nobody takes is held without limit. */
export class MemoryOutput implements CaptureOutput {
  readonly bytes = new Uint8Array(WRITE_BUFFER_BYTES);
  readonly view = new DataView(this.bytes.buffer);
  readonly name = 'capture';
  #pieces: Uint8Array[] = [];
  #used = 0;
  #written = 0;
  #open = true;

  /** Bytes committed so far, those already taken included. */
  get bytesWritten(): number {
    return this.#written + this.#used;
  }

  /** All bytes since the last call. */
  take(): Uint8Array {
    this.flush();
    const taken = Buffer.concat(this.#pieces);
    this.#pieces = [];
    return taken;
  }

  /** @throws LbError LB_CAP_CLOSED */
  reserve(count: number): number {
    if (!this.#open) throw captureError('LB_CAP_CLOSED', `${this.name}: is already closed`);
    if (this.#used + count > this.bytes.length) this.flush();
    return this.#used;
  }

  commit(count: number): void {
    this.#used += count;
  }

  flush(): void {
    if (this.#used > 0) this.#pieces.push(this.bytes.slice(0, this.#used));
    this.#written += this.#used;
    this.#used = 0;
  }

  /** What was written can still be taken. */
  close(): void {
    this.#open = false;
  }

  /** What was not taken is gone. */
  abort(): void {
    this.#open = false;
    this.#used = 0;
    this.#pieces = [];
  }
}
