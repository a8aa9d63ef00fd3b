import { LbError } from '@lb/core';
import { LINK_TYPE_ETHERNET, linkTypeError, readCaptureBytes } from '@lb/dataplane/captures';

/** A packet of a capture file that is in memory. */
export interface CapturedPacket {
  /** The first is 1. */
  readonly number: number;
  /** When it was recorded, in ms since 1970; 0 if the file does not say. */
  readonly atMs: number;
  /** Where in the file its bytes are. */
  readonly offset: number;
  readonly capturedBytes: number;
  /** Bytes that it had on the wire. */
  readonly wireBytes: number;
}

export interface CaptureContents {
  readonly packets: readonly CapturedPacket[];
  /** There are more packets than were asked for. */
  readonly hasMore: boolean;
  /** Why reading ended before the file did; the packets before that are good. */
  readonly error: LbError | null;
}

/**
 * Lists the packets of a pcap or pcapng file, recorded on Ethernet. Runs in a browser; what is wrong with the file comes as a
 * value, as a file that ends early has packets none the less.
 * @param name how errors call the file
 * @param most packets that are listed
 */
export function readCapture(bytes: Uint8Array, name: string, most: number): CaptureContents {
  const packets: CapturedPacket[] = [];
  try {
    const reader = readCaptureBytes(bytes, name);
    while (reader.next()) {
      if (reader.linkType !== LINK_TYPE_ETHERNET) throw linkTypeError(reader.where, reader.linkType);
      if (packets.length === most) return { packets, hasMore: true, error: null };
      packets.push({
        number: reader.recordNumber,
        atMs: reader.timestampSec * 1000 + reader.timestampNsec / 1e6,
        offset: reader.dataOffset,
        capturedBytes: reader.capturedLength,
        wireBytes: reader.originalLength,
      });
    }
    return { packets, hasMore: false, error: null };
  } catch (error) {
    if (error instanceof LbError) return { packets, hasMore: false, error };
    throw error;
  }
}
