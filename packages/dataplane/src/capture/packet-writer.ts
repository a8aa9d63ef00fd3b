import { ByteCopier } from './byte-copier.js';
import { type CaptureErrorCode, captureError } from './errors.js';
import { MAX_CAPTURED_BYTES } from './limits.js';
import type { CaptureOutput } from './memory-output.js';

/** What the writers of both capture formats have in common: an output, and a count of the packets in it. */
export abstract class PacketWriter {
  /** Packets written so far. */
  packets = 0;
  protected readonly copier: ByteCopier;

  constructor(protected readonly file: CaptureOutput) {
    this.copier = new ByteCopier(file.bytes);
  }

  /** Bytes of the file so far, buffered ones included. */
  get bytesWritten(): number {
    return this.file.bytesWritten;
  }

  /** Hands all packets so far to the system: for a reader that watches live. */
  flush(): void {
    this.file.flush();
  }

  /** Writes the rest and puts the file in its place. */
  close(): void {
    this.file.close();
  }

  /** Gives the output up: nothing new is left on disk. Never throws; does nothing once closed or failed. */
  abort(): void {
    this.file.abort();
  }

  /** An error about the packet that comes next. */
  protected refused(code: CaptureErrorCode, reason: string) {
    return captureError(code, `${this.file.name}: record ${this.packets + 1}: ${reason}`);
  }
}

/** Checks a snapshot length option and applies its default. @param name how messages call the output */
export function checkedSnaplen(name: string, snaplen = MAX_CAPTURED_BYTES): number {
  if (Number.isInteger(snaplen) && snaplen >= 1 && snaplen <= MAX_CAPTURED_BYTES) return snaplen;
  throw captureError('LB_CAP_CREATE', `${name}: snaplen is ${snaplen}; 1 to ${MAX_CAPTURED_BYTES} are accepted`);
}
