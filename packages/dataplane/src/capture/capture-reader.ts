import type { LbError } from '@lb/core';
import type { ByteInput } from './byte-input.js';
import { captureError } from './errors.js';
import { MAX_CAPTURED_BYTES } from './limits.js';

export type CaptureFormat = 'pcap' | 'pcapng';

/**
 * Packets of one capture, in file order. `next()` moves to the next packet and fills the fields below; it makes no
 * objects, so millions of packets leave no garbage. After an error every further `next()` throws that error again.
 */
export abstract class CaptureReader {
  abstract readonly format: CaptureFormat;
  /** Buffer that holds the packet. It is reused: its bytes, and the buffer itself, are good until the next `next()`. */
  data: Uint8Array;
  /** Where in `data` the packet begins (no alignment). */
  dataOffset = 0;
  /** Bytes of the packet in `data`; at most 262,144. */
  capturedLength = 0;
  /** Bytes the packet had on the wire, as the file says; normally not below `capturedLength`. */
  originalLength = 0;
  /** Seconds since 1970; 0 for packets recorded without a time. */
  timestampSec = 0;
  /** 0 … 999,999,999. */
  timestampNsec = 0;
  /** pcapng: number of the interface within its section. Classic pcap: 0. */
  interfaceId = 0;
  /** LINKTYPE number of the packet; for classic pcap known before the first `next()`. */
  linkType = 0;
  /** Snapshot length the capture states for the packet's interface; 0 when it states none. */
  snapLength = 0;
  /** Number of the current packet, the first being 1; 0 before the first `next()`. */
  recordNumber = 0;
  protected readonly source: ByteInput;
  #failure: unknown;
  #ended = false;

  protected constructor(source: ByteInput) {
    this.source = source;
    this.data = source.bytes;
  }

  /** Bytes of the file up to the end of the current packet; with `sizeBytes` it gives the progress. */
  get bytesRead(): number {
    return this.source.offset;
  }

  /** Size of the file; undefined for pipes. */
  get sizeBytes(): number | undefined {
    return this.source.sizeBytes;
  }

  /** Size of the one buffer this reader holds: 1 MiB unless a pcapng block was larger, at most 16 MiB. */
  get bufferBytes(): number {
    return this.source.bytes.length;
  }

  /** The file and packet as messages name them: `in.pcap: record 3`. */
  get where(): string {
    return `${this.source.name}: record ${this.recordNumber}`;
  }

  /**
   * Moves to the next packet. False at the end of the capture and after `close()`.
   *
   * @throws LbError LB_CAP_TRUNCATED, LB_CAP_RECORD_TOO_LARGE, LB_CAP_BLOCK_LENGTH, LB_CAP_INTERFACE,
   * LB_CAP_NOT_A_CAPTURE, LB_CAP_VERSION or LB_CAP_READ
   */
  next(): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#ended) return false;
    try {
      if (this.advance()) return true;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    this.#ended = true;
    return false;
  }

  /** Closes the file (standard input stays open). Repeating it does nothing. */
  close(): void {
    this.#ended = true;
    this.source.close();
  }

  /** Fills the fields from the next record, or returns false at a clean end. */
  protected abstract advance(): boolean;

  /** Names the record being read, which is the one after `recordNumber`, and where it starts. */
  protected at(offset = this.source.offset): string {
    return `${this.source.name}: record ${this.recordNumber + 1} (byte offset ${offset})`;
  }

  protected truncated(what: string, wanted: number, have: number, offset = this.source.offset): LbError {
    return captureError(
      'LB_CAP_TRUNCATED',
      `${this.at(offset)}: the file ends after ${have} of the ${wanted} bytes of the ${what}`,
      'The recording was cut short: all packets before this one are intact.',
    );
  }

  protected checkCapturedLength(capturedLength: number): void {
    if (capturedLength <= MAX_CAPTURED_BYTES) return;
    throw captureError(
      'LB_CAP_RECORD_TOO_LARGE',
      `${this.at()}: captured length is ${capturedLength} bytes; at most ${MAX_CAPTURED_BYTES} are accepted`,
    );
  }
}
