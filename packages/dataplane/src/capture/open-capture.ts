import { ByteSource } from './byte-source.js';
import type { CaptureReader } from './capture-reader.js';
import { readerFor } from './reader-for.js';

export interface OpenCaptureOptions {
  /** Bytes asked from the system at once (default 1 MiB, at least 16); the reader's buffer starts at this size. */
  readonly chunkBytes?: number;
}

/**
 * Opens a pcap or pcapng file, FIFO or (`-`) standard input; blocks until the first bytes are there.
 *
 * @throws LbError LB_CAP_OPEN, LB_CAP_READ, LB_CAP_NOT_A_CAPTURE, LB_CAP_COMPRESSED, LB_CAP_VERSION, LB_CAP_TRUNCATED or
 * LB_CAP_BLOCK_LENGTH; the file is closed then.
 */
export function openCapture(path: string, options: OpenCaptureOptions = {}): CaptureReader {
  const source = new ByteSource(path, options.chunkBytes === undefined ? undefined : Math.max(16, options.chunkBytes));
  try {
    return readerFor(source);
  } catch (error) {
    source.close();
    throw error;
  }
}
