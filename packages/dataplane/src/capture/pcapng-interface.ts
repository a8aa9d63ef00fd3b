import { PcapngClock } from './pcapng-clock.js';
import {
  BLOCK_OVERHEAD_BYTES,
  INTERFACE_BLOCK_BYTES,
  OPTION_END,
  OPTION_IF_TSOFFSET,
  OPTION_IF_TSRESOL,
  padded,
} from './pcapng-format.js';

/** What the reader keeps of an interface description block. */
export interface PcapngInterface {
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapLength: number;
  readonly clock: PcapngClock;
}

/**
 * Reads the interface description block of `blockBytes` bytes (at least 20) at `start` of `view`.
 * Returns a sentence that says what is wrong when the options don't fit the block.
 */
export function readInterface(
  view: DataView,
  start: number,
  blockBytes: number,
  littleEndian: boolean,
): PcapngInterface | string {
  let resolution = 6;
  let offsetSec = 0;
  let at = start + INTERFACE_BLOCK_BYTES - 4;
  const end = start + blockBytes - 4;
  while (at + 4 <= end) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    const value = at + 4;
    if (code === OPTION_END) break;
    if (value + padded(length) > end)
      return `option ${code} of ${length} bytes reaches beyond its block of ${blockBytes} bytes`;
    if (code === OPTION_IF_TSRESOL) {
      if (length !== 1) return `option if_tsresol has ${length} bytes; 1 is needed`;
      resolution = view.getUint8(value);
    } else if (code === OPTION_IF_TSOFFSET) {
      if (length !== 8) return `option if_tsoffset has ${length} bytes; 8 are needed`;
      offsetSec = Number(view.getBigInt64(value, littleEndian));
    }
    at = value + padded(length);
  }
  return {
    linkType: view.getUint16(start + BLOCK_OVERHEAD_BYTES - 4, littleEndian),
    snapLength: view.getUint32(start + BLOCK_OVERHEAD_BYTES, littleEndian),
    clock: new PcapngClock(resolution, offsetSec),
  };
}
