import { LINK_TYPE_ETHERNET } from './link-types.js';
import type { CaptureOutput } from './memory-output.js';
import { OutputFile } from './output-file.js';
import { checkedSnaplen, PacketWriter } from './packet-writer.js';
import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE,
  BLOCK_SECTION,
  BYTE_ORDER_MAGIC,
  INTERFACE_BLOCK_BYTES,
  OPTION_COMMENT,
  OPTION_END,
  OPTION_IF_NAME,
  OPTION_IF_TSRESOL,
  PACKET_BLOCK_BYTES,
  PCAPNG_VERSION_MAJOR,
  padded,
  SECTION_BLOCK_BYTES,
} from './pcapng-format.js';

export interface PcapngInterfaceOptions {
  /** Shown by tools as the interface's name. */
  readonly name?: string;
  /** LINKTYPE number; default Ethernet. */
  readonly linkType?: number;
  /** Most bytes kept of a packet, 1 … 262,144 (default). */
  readonly snaplen?: number;
}

export interface PcapngWriterOptions {
  /** The interfaces packets are written for, by number; default is one without a name. */
  readonly interfaces?: readonly PcapngInterfaceOptions[];
}

const MAX_OPTION_BYTES = 65_535;
const NSEC_RESOLUTION = 9;
const NSEC_PER_SEC = 1_000_000_000;
/** Last whole second whose nanoseconds fit 64 bits (the year 2554). */
const MAX_SECONDS = 18_446_744_072;

/** Creates a pcapng file, little-endian with nanoseconds, at `path`, or on standard output for `-`. See `OutputFile`. */
export function createPcapng(path: string, options: PcapngWriterOptions = {}): PcapngWriter {
  return new PcapngWriter(path, options);
}

/** Writes pcapng: one section, enhanced packet blocks. Errors as for `CaptureWriter`, and LB_CAP_INTERFACE. */
export class PcapngWriter extends PacketWriter {
  readonly #snaplens: readonly number[];
  readonly #utf8 = new TextEncoder();
  readonly #text = new Uint8Array(MAX_OPTION_BYTES);

  /** @param output path as for {@link createPcapng}, or where else the bytes go */
  constructor(output: string | CaptureOutput, options: PcapngWriterOptions = {}) {
    const interfaces = options.interfaces ?? [{}];
    const name = typeof output === 'string' ? output : output.name;
    const snaplens = interfaces.map(({ snaplen }) => checkedSnaplen(name, snaplen));
    super(typeof output === 'string' ? new OutputFile(output) : output);
    this.#snaplens = snaplens;
    try {
      this.#writeSection();
      for (const each of interfaces) this.#writeInterface(each);
    } catch (error) {
      this.file.abort();
      throw error;
    }
  }

  /**
   * Appends the packet in `length` bytes of `u8` at `offset`.
   *
   * @param sec seconds since 1970, 0 … 18,446,744,072; else LB_CAP_TIMESTAMP.
   * @param nsec 0 … 999,999,999.
   * @param comment text that tools show with the packet; of a very long one the first 65,535 bytes of UTF-8 are kept.
   * @param interfaceId index into `interfaces`; else LB_CAP_INTERFACE.
   * @param originalLength bytes the packet had on the wire.
   */
  write(
    u8: Uint8Array,
    offset: number,
    length: number,
    sec: number,
    nsec: number,
    comment?: string,
    interfaceId = 0,
    originalLength = length,
  ): void {
    const snaplen = this.#snaplens[interfaceId];
    if (snaplen === undefined) throw this.#noInterface(interfaceId);
    if (!(sec >= 0 && sec <= MAX_SECONDS)) throw this.#badTime(sec);
    const captured = Math.min(length, snaplen);
    const commentBytes = this.#encode(comment);
    const optionBytes = commentBytes === 0 ? 0 : 4 + padded(commentBytes) + 4;
    const blockBytes = PACKET_BLOCK_BYTES + padded(captured) + optionBytes;
    const at = this.#begin(BLOCK_ENHANCED_PACKET, blockBytes);
    const { view } = this.file;
    view.setUint32(at + 8, interfaceId, true);
    this.#setTime(at + 12, sec, nsec);
    view.setUint32(at + 20, captured, true);
    view.setUint32(at + 24, originalLength, true);
    const data = at + 28;
    this.copier.copy(u8, offset, captured, data);
    this.#pad(data + captured, data + padded(captured));
    if (optionBytes > 0) {
      const next = this.#textOption(data + padded(captured), OPTION_COMMENT, commentBytes);
      view.setUint32(next, OPTION_END, true);
    }
    this.file.commit(blockBytes);
    this.packets++;
  }

  #writeSection(): void {
    const at = this.#begin(BLOCK_SECTION, SECTION_BLOCK_BYTES);
    const { view } = this.file;
    view.setUint32(at + 8, BYTE_ORDER_MAGIC, true);
    view.setUint16(at + 12, PCAPNG_VERSION_MAJOR, true);
    view.setUint16(at + 14, 0, true);
    view.setBigInt64(at + 16, -1n, true);
    this.file.commit(SECTION_BLOCK_BYTES);
  }

  #writeInterface({ name, linkType = LINK_TYPE_ETHERNET, snaplen }: PcapngInterfaceOptions): void {
    const nameBytes = this.#encode(name);
    const nameOptionBytes = nameBytes === 0 ? 0 : 4 + padded(nameBytes);
    const blockBytes = INTERFACE_BLOCK_BYTES + nameOptionBytes + 8 + 4;
    const at = this.#begin(BLOCK_INTERFACE, blockBytes);
    const { view } = this.file;
    view.setUint16(at + 8, linkType, true);
    view.setUint16(at + 10, 0, true);
    view.setUint32(at + 12, checkedSnaplen(this.file.name, snaplen), true);
    const next = nameBytes === 0 ? at + 16 : this.#textOption(at + 16, OPTION_IF_NAME, nameBytes);
    view.setUint16(next, OPTION_IF_TSRESOL, true);
    view.setUint16(next + 2, 1, true);
    view.setUint32(next + 4, NSEC_RESOLUTION, true);
    view.setUint32(next + 8, OPTION_END, true);
    this.file.commit(blockBytes);
  }

  /** Reserves a block and writes its type and both lengths. */
  #begin(type: number, blockBytes: number): number {
    const at = this.file.reserve(blockBytes);
    const { view } = this.file;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, blockBytes, true);
    view.setUint32(at + blockBytes - 4, blockBytes, true);
    return at;
  }

  /** Writes the option whose text was `encode`d last, with its padding, and returns where the next one goes. */
  #textOption(at: number, code: number, textBytes: number): number {
    const { view, bytes } = this.file;
    const value = at + 4;
    view.setUint16(at, code, true);
    view.setUint16(at + 2, textBytes, true);
    bytes.set(this.#text.subarray(0, textBytes), value);
    this.#pad(value + textBytes, value + padded(textBytes));
    return value + padded(textBytes);
  }

  #pad(from: number, to: number): void {
    const { bytes } = this.file;
    for (let i = from; i < to; i++) bytes[i] = 0;
  }

  /** Encodes `text` into the scratch buffer, whole characters only, and returns its bytes. */
  #encode(text: string | undefined): number {
    return text === undefined ? 0 : this.#utf8.encodeInto(text, this.#text).written;
  }

  /** Writes sec × 10^9 + nsec as two 32-bit halves; 16-bit digits keep every product below 2^53. */
  #setTime(at: number, sec: number, nsec: number): void {
    const { view } = this.file;
    const lowPart = (sec % 0x10000) * NSEC_PER_SEC + nsec;
    const highPart = Math.floor(sec / 0x10000) * NSEC_PER_SEC + Math.floor(lowPart / 0x10000);
    view.setUint32(at, Math.floor(highPart / 0x10000), true);
    view.setUint32(at + 4, (highPart % 0x10000) * 0x10000 + (lowPart % 0x10000), true);
  }

  #noInterface(interfaceId: number) {
    const last = this.#snaplens.length - 1;
    return this.refused('LB_CAP_INTERFACE', `interface is ${interfaceId}; 0 to ${last} exist`);
  }

  #badTime(sec: number) {
    return this.refused('LB_CAP_TIMESTAMP', `time stamp is ${sec} s; pcapng holds 0 to ${MAX_SECONDS}`);
  }
}
