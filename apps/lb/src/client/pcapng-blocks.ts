import type { ClientErrorCode } from '@lb/control/client';
import { LbError } from '@lb/core';

/** Type, length, and length again: a block without a body. */
const SMALLEST_BYTES = 12;
/** A packet of 2048 bytes with its comment is far below. */
const LARGEST_BYTES = 1024 * 1024;
const PACKET = 6;
const INTERFACE_AT = 8;
const NOT_OURS: ClientErrorCode = 'LB_CLIENT_ANSWER';

/**
 * A pcapng stream (little-endian) cut where its blocks end: a connection may break, or be ended, in the middle of one, and
 * a file with half a block at its end is one that tools complain about.
 */
export class PcapngBlocks {
  /** Packets of each interface in what was given out. */
  readonly packets: [received: number, sent: number] = [0, 0];
  /** Bytes given out. */
  bytes = 0;
  private rest = Buffer.alloc(0);

  /** The blocks that are whole with this chunk. @throws LbError LB_CLIENT_ANSWER if it is no pcapng */
  add(chunk: Uint8Array): Uint8Array {
    const bytes = this.rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.rest, chunk]);
    let end = 0;
    while (bytes.length - end >= SMALLEST_BYTES) {
      const length = bytes.readUInt32LE(end + 4);
      if (length < SMALLEST_BYTES || length > LARGEST_BYTES || length % 4 !== 0) {
        throw new LbError(NOT_OURS, `what was sent is no capture: it has a block of ${length} bytes`);
      }
      if (end + length > bytes.length) break;
      if (bytes.readUInt32LE(end) === PACKET) this.packets[bytes.readUInt32LE(end + INTERFACE_AT) === 0 ? 0 : 1]++;
      end += length;
    }
    this.rest = bytes.subarray(end);
    this.bytes += end;
    return bytes.subarray(0, end);
  }
}
