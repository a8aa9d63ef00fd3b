import type { ByteInput } from './byte-input.js';

/** Bytes in memory as a source; they are never copied, so offsets in the buffer are those in the file. */
export class MemorySource implements ByteInput {
  readonly view: DataView;
  position = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  get offset(): number {
    return this.position;
  }

  available(): number {
    return this.bytes.length - this.position;
  }

  skip(count: number): number {
    const step = Math.min(count, this.available());
    this.position += step;
    return step;
  }

  close(): void {}
}
