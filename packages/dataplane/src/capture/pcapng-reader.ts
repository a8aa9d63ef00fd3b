import type { LbError } from '@lb/core';
import type { ByteInput } from './byte-input.js';
import { CaptureReader } from './capture-reader.js';
import { captureError } from './errors.js';
import { MAX_HELD_BLOCK_BYTES, MAX_INTERFACES } from './limits.js';
import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE,
  BLOCK_OBSOLETE_PACKET,
  BLOCK_OVERHEAD_BYTES,
  BLOCK_SECTION,
  BLOCK_SIMPLE_PACKET,
  BYTE_ORDER_MAGIC,
  INTERFACE_BLOCK_BYTES,
  PACKET_BLOCK_BYTES,
  PCAPNG_VERSION_MAJOR,
  padded,
  SECTION_BLOCK_BYTES,
  SIMPLE_PACKET_BLOCK_BYTES,
} from './pcapng-format.js';
import { type PcapngInterface, readInterface } from './pcapng-interface.js';

/** Smallest total length of the blocks that are held; undefined for those that are skipped. */
const HELD_BLOCKS = new Map<number, number>([
  [BLOCK_SECTION, SECTION_BLOCK_BYTES],
  [BLOCK_INTERFACE, INTERFACE_BLOCK_BYTES],
  [BLOCK_ENHANCED_PACKET, PACKET_BLOCK_BYTES],
  [BLOCK_OBSOLETE_PACKET, PACKET_BLOCK_BYTES],
  [BLOCK_SIMPLE_PACKET, SIMPLE_PACKET_BLOCK_BYTES],
]);

/** Reads pcapng. Use `openCapture`, which also tells the formats apart. */
export class PcapngReader extends CaptureReader {
  readonly format = 'pcapng';
  #littleEndian = true;
  #interfaces: PcapngInterface[] = [];

  /** @param source positioned at the type of the first section header block, which is read here. */
  constructor(source: ByteInput) {
    super(source);
    this.#readBlock();
  }

  protected override advance(): boolean {
    const before = this.recordNumber;
    while (this.recordNumber === before) {
      if (this.source.available(1) === 0) return false;
      this.#readBlock();
    }
    return true;
  }

  /** Reads or skips one block and leaves the source behind it; a packet block raises `recordNumber`. */
  #readBlock(): void {
    const { source } = this;
    const have = source.available(BLOCK_OVERHEAD_BYTES);
    if (have < BLOCK_OVERHEAD_BYTES) throw this.truncated('block header', BLOCK_OVERHEAD_BYTES, have);
    const type = source.view.getUint32(source.position, this.#littleEndian);
    // The section header's type reads the same in both byte orders; its own length must wait for the byte-order magic.
    if (type === BLOCK_SECTION) this.#readByteOrder();
    const blockBytes = source.view.getUint32(source.position + 4, this.#littleEndian);
    if (blockBytes < BLOCK_OVERHEAD_BYTES || blockBytes % 4 !== 0) {
      throw this.#badLength(`block length is ${blockBytes}; a multiple of 4 from ${BLOCK_OVERHEAD_BYTES} is needed`);
    }
    const minimum = HELD_BLOCKS.get(type);
    if (minimum === undefined) {
      this.#skipBlock(blockBytes);
      return;
    }
    if (blockBytes < minimum) {
      throw this.#badLength(`block of type ${type} has ${blockBytes} bytes; it needs ${minimum}`);
    }
    this.#hold(blockBytes);
    if (type === BLOCK_SECTION) this.#readSection();
    else if (type === BLOCK_INTERFACE) this.#readInterface(blockBytes);
    else if (type === BLOCK_SIMPLE_PACKET) this.#readSimplePacket(blockBytes);
    else this.#readPacket(blockBytes, type === BLOCK_OBSOLETE_PACKET);
    source.position += blockBytes;
  }

  #hold(blockBytes: number): void {
    const { source } = this;
    if (blockBytes > MAX_HELD_BLOCK_BYTES) {
      throw captureError(
        'LB_CAP_RECORD_TOO_LARGE',
        `${this.at()}: block length is ${blockBytes} bytes; at most ${MAX_HELD_BLOCK_BYTES} are accepted`,
      );
    }
    const have = source.available(blockBytes);
    if (have < blockBytes) throw this.truncated('block', blockBytes, have);
    this.#checkTrailer(blockBytes, source.view.getUint32(source.position + blockBytes - 4, this.#littleEndian));
  }

  #skipBlock(blockBytes: number): void {
    const { source } = this;
    const start = source.offset;
    const skipped = source.skip(blockBytes - 4);
    const trailer = source.available(4);
    if (skipped < blockBytes - 4 || trailer < 4) throw this.truncated('block', blockBytes, skipped + trailer, start);
    this.#checkTrailer(blockBytes, source.view.getUint32(source.position, this.#littleEndian), start);
    source.position += 4;
  }

  #checkTrailer(blockBytes: number, trailer: number, start = this.source.offset): void {
    if (trailer === blockBytes) return;
    throw this.#badLength(`block length is ${blockBytes} at its start but ${trailer} at its end`, start);
  }

  #readByteOrder(): void {
    const { view, position, name } = this.source;
    if (view.getUint32(position + 8, true) === BYTE_ORDER_MAGIC) this.#littleEndian = true;
    else if (view.getUint32(position + 8, false) === BYTE_ORDER_MAGIC) this.#littleEndian = false;
    else {
      const found = view
        .getUint32(position + 8, false)
        .toString(16)
        .padStart(8, '0');
      throw captureError(
        'LB_CAP_NOT_A_CAPTURE',
        `${name}: section header at byte offset ${this.source.offset} has byte-order magic ${found}; 1a2b3c4d or 4d3c2b1a is needed`,
      );
    }
  }

  #readSection(): void {
    const { view, position, name } = this.source;
    const major = view.getUint16(position + 12, this.#littleEndian);
    const minor = view.getUint16(position + 14, this.#littleEndian);
    // Version 1.2 was written by some tools for what is version 1.0.
    if (major !== PCAPNG_VERSION_MAJOR || (minor !== 0 && minor !== 2)) {
      throw captureError(
        'LB_CAP_VERSION',
        `${name}: pcapng version is ${major}.${minor}; only 1.0 and 1.2 are accepted`,
      );
    }
    this.#interfaces = [];
  }

  #readInterface(blockBytes: number): void {
    if (this.#interfaces.length === MAX_INTERFACES) {
      throw captureError('LB_CAP_INTERFACE', `${this.at()}: more than ${MAX_INTERFACES} interfaces in one section`);
    }
    const found = readInterface(this.source.view, this.source.position, blockBytes, this.#littleEndian);
    if (typeof found === 'string') throw this.#badLength(found);
    this.#interfaces.push(found);
  }

  #readPacket(blockBytes: number, obsolete: boolean): void {
    const { view, position } = this.source;
    const littleEndian = this.#littleEndian;
    const id = obsolete ? view.getUint16(position + 8, littleEndian) : view.getUint32(position + 8, littleEndian);
    const { clock } = this.#useInterface(id);
    clock.read(view, position + 12, littleEndian);
    this.timestampSec = clock.sec;
    this.timestampNsec = clock.nsec;
    this.originalLength = view.getUint32(position + 24, littleEndian);
    this.#usePacket(28, view.getUint32(position + 20, littleEndian), blockBytes);
  }

  #readSimplePacket(blockBytes: number): void {
    const { view, position } = this.source;
    const { snapLength } = this.#useInterface(0);
    this.timestampSec = 0;
    this.timestampNsec = 0;
    this.originalLength = view.getUint32(position + 8, this.#littleEndian);
    const cut = snapLength > 0 && snapLength < this.originalLength;
    this.#usePacket(12, cut ? snapLength : this.originalLength, blockBytes);
  }

  #useInterface(id: number): PcapngInterface {
    const found = this.#interfaces[id];
    if (found === undefined) {
      throw captureError(
        'LB_CAP_INTERFACE',
        `${this.at()}: packet names interface ${id}; the section has described ${this.#interfaces.length} so far`,
      );
    }
    this.interfaceId = id;
    this.linkType = found.linkType;
    this.snapLength = found.snapLength;
    return found;
  }

  #usePacket(headerBytes: number, capturedLength: number, blockBytes: number): void {
    this.checkCapturedLength(capturedLength);
    if (headerBytes + padded(capturedLength) + 4 > blockBytes) {
      throw this.#badLength(`captured length is ${capturedLength} in a block of ${blockBytes} bytes`);
    }
    this.capturedLength = capturedLength;
    this.data = this.source.bytes;
    this.dataOffset = this.source.position + headerBytes;
    this.recordNumber++;
  }

  #badLength(problem: string, offset = this.source.offset): LbError {
    return captureError('LB_CAP_BLOCK_LENGTH', `${this.at(offset)}: ${problem}`);
  }
}
