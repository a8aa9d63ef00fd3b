import type { CaptureReader } from './capture-reader.js';
import { MemorySource } from './memory-source.js';
import { readerFor } from './reader-for.js';

/*
 * Captures in memory, for where there are no files: this module and all it imports run in a browser.
 */

export { CAPTURE_ERRORS } from './errors.js';
export { LINK_TYPE_ETHERNET, linkTypeError } from './link-types.js';
export type { CaptureReader };

/**
 * Reads a pcap or pcapng file that is in memory. Packets are not copied: `dataOffset` is their place in `bytes`.
 * @param name how messages call it
 * @throws LbError as openCapture does, but for the errors of files
 */
export function readCaptureBytes(bytes: Uint8Array, name: string): CaptureReader {
  return readerFor(new MemorySource(bytes, name));
}
