import type { ByteInput } from './byte-input.js';
import { CaptureReader } from './capture-reader.js';
import { captureError } from './errors.js';
import {
  PCAP_HEADER_BYTES,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD_HEADER_BYTES,
  PCAP_VERSION_MAJOR,
  PCAP_VERSION_MINOR,
} from './pcap-format.js';

const NSEC_PER_SEC = 1_000_000_000;

/** Reads classic pcap. Use `openCapture`, which also tells the formats apart. */
export class PcapReader extends CaptureReader {
  readonly format = 'pcap';
  /** Byte order of the file. */
  readonly littleEndian: boolean;
  /** Whether time stamps have nanoseconds; else microseconds. */
  readonly nanosecond: boolean;
  readonly #nsecPerUnit: number;

  /** @param source positioned at a pcap magic number that reads right in the byte order `littleEndian`. */
  constructor(source: ByteInput, littleEndian: boolean) {
    super(source);
    this.littleEndian = littleEndian;
    const have = source.available(PCAP_HEADER_BYTES);
    if (have < PCAP_HEADER_BYTES) throw this.truncated('pcap file header', PCAP_HEADER_BYTES, have);
    const { view, position } = source;
    this.nanosecond = view.getUint32(position, littleEndian) === PCAP_MAGIC_NANOSECONDS;
    this.#nsecPerUnit = this.nanosecond ? 1 : 1000;
    const major = view.getUint16(position + 4, littleEndian);
    const minor = view.getUint16(position + 6, littleEndian);
    if (major !== PCAP_VERSION_MAJOR || minor !== PCAP_VERSION_MINOR) {
      throw captureError(
        'LB_CAP_VERSION',
        `${source.name}: pcap version is ${major}.${minor}; only ${PCAP_VERSION_MAJOR}.${PCAP_VERSION_MINOR} is accepted`,
        'editcap -F pcapng converts old captures.',
      );
    }
    this.snapLength = view.getUint32(position + 16, littleEndian);
    this.linkType = view.getUint32(position + 20, littleEndian) & 0xffff;
    source.position += PCAP_HEADER_BYTES;
  }

  protected override advance(): boolean {
    const { source, littleEndian } = this;
    const have = source.available(PCAP_RECORD_HEADER_BYTES);
    if (have < PCAP_RECORD_HEADER_BYTES) {
      if (have === 0) return false;
      throw this.truncated('record header', PCAP_RECORD_HEADER_BYTES, have);
    }
    const capturedLength = source.view.getUint32(source.position + 8, littleEndian);
    this.checkCapturedLength(capturedLength);
    const recordBytes = PCAP_RECORD_HEADER_BYTES + capturedLength;
    const haveRecord = source.available(recordBytes);
    if (haveRecord < recordBytes) throw this.truncated('record', recordBytes, haveRecord);

    const { view, position } = source;
    let seconds = view.getUint32(position, littleEndian);
    let nsec = view.getUint32(position + 4, littleEndian) * this.#nsecPerUnit;
    if (nsec >= NSEC_PER_SEC) {
      // Some writers let the fraction run over a second; the instant they mean is clear.
      seconds += Math.floor(nsec / NSEC_PER_SEC);
      nsec %= NSEC_PER_SEC;
    }
    this.timestampSec = seconds;
    this.timestampNsec = nsec;
    this.capturedLength = capturedLength;
    this.originalLength = view.getUint32(position + 12, littleEndian);
    this.data = source.bytes;
    this.dataOffset = position + PCAP_RECORD_HEADER_BYTES;
    source.position = position + recordBytes;
    this.recordNumber++;
    return true;
  }
}
