import { LINK_TYPE_ETHERNET } from './link-types.js';
import { OutputFile } from './output-file.js';
import { checkedSnaplen, PacketWriter } from './packet-writer.js';
import {
  PCAP_HEADER_BYTES,
  PCAP_MAGIC_MICROSECONDS,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD_HEADER_BYTES,
  PCAP_VERSION_MAJOR,
  PCAP_VERSION_MINOR,
} from './pcap-format.js';

export interface CaptureWriterOptions {
  /** Nanosecond time stamps (default); else microseconds, cut off, for tools from before 2013. */
  readonly nanosecond?: boolean;
  /** Most bytes kept of a packet, 1 … 262,144 (default). Longer packets are cut and keep their original length. */
  readonly snaplen?: number;
  /** LINKTYPE number; default Ethernet. */
  readonly linkType?: number;
}

const MAX_SECONDS = 0xffffffff;

/** Creates a classic pcap file, little-endian, at `path`, or on standard output for `-`. See `OutputFile` for when it appears. */
export function createCapture(path: string, options: CaptureWriterOptions = {}): CaptureWriter {
  return new CaptureWriter(path, options);
}

/** Writes classic pcap. Errors: LB_CAP_CREATE, LB_CAP_NO_SPACE, LB_CAP_PIPE_CLOSED, LB_CAP_WRITE, LB_CAP_CLOSED, LB_CAP_TIMESTAMP. */
export class CaptureWriter extends PacketWriter {
  readonly #nanosecond: boolean;
  readonly #snaplen: number;

  constructor(path: string, options: CaptureWriterOptions = {}) {
    const snaplen = checkedSnaplen(path, options.snaplen);
    super(new OutputFile(path));
    this.#nanosecond = options.nanosecond ?? true;
    this.#snaplen = snaplen;
    const { view } = this.file;
    const at = this.file.reserve(PCAP_HEADER_BYTES);
    view.setUint32(at, this.#nanosecond ? PCAP_MAGIC_NANOSECONDS : PCAP_MAGIC_MICROSECONDS, true);
    view.setUint16(at + 4, PCAP_VERSION_MAJOR, true);
    view.setUint16(at + 6, PCAP_VERSION_MINOR, true);
    view.setUint32(at + 8, 0, true);
    view.setUint32(at + 12, 0, true);
    view.setUint32(at + 16, this.#snaplen, true);
    view.setUint32(at + 20, options.linkType ?? LINK_TYPE_ETHERNET, true);
    this.file.commit(PCAP_HEADER_BYTES);
  }

  /**
   * Appends the packet in `length` bytes of `u8` at `offset`.
   *
   * @param sec seconds since 1970, 0 … 4,294,967,295 (the year 2106); else LB_CAP_TIMESTAMP.
   * @param nsec 0 … 999,999,999.
   * @param originalLength bytes the packet had on the wire.
   */
  write(u8: Uint8Array, offset: number, length: number, sec: number, nsec: number, originalLength = length): void {
    if (!(sec >= 0 && sec <= MAX_SECONDS)) {
      throw this.refused('LB_CAP_TIMESTAMP', `time stamp is ${sec} s; pcap holds 0 to ${MAX_SECONDS}`);
    }
    const captured = Math.min(length, this.#snaplen);
    const recordBytes = PCAP_RECORD_HEADER_BYTES + captured;
    const at = this.file.reserve(recordBytes);
    const { view } = this.file;
    view.setUint32(at, sec, true);
    view.setUint32(at + 4, this.#nanosecond ? nsec : Math.floor(nsec / 1000), true);
    view.setUint32(at + 8, captured, true);
    view.setUint32(at + 12, originalLength, true);
    this.copier.copy(u8, offset, captured, at + PCAP_RECORD_HEADER_BYTES);
    this.file.commit(recordBytes);
    this.packets++;
  }
}
