import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ENTRIES_PER_LINE, LINE_WORDS } from '@lb/core';
import type { SavedSlots } from '../image/saved-slots.js';
import { type NativeLibrary, NativeMemory } from '../native/index.js';
import { SESSION_SIDE_WORDS, SESSION_VIP_MASK } from '../pipeline/nat-sessions.js';
import {
  type FlowFileHeader,
  HEADER_BYTES,
  loadSerial,
  readHeader,
  storeSerial,
  writeHeader,
} from './flow-file-header.js';
import { type SharedWords, wordsOf } from './shared-words.js';
import type { WorkerTables } from './worker-setup.js';

const FLOW_AS_MASK = 0xffffff;
/** Words of an entry from its position (packages/core/src/flow-table.ts). */
const EXPIRY = 2 * ENTRIES_PER_LINE;
const VALUE = 3 * ENTRIES_PER_LINE;

export type FlowFileSize = Pick<FlowFileHeader, 'lines' | 'flowSideWords'>;

/** The tables of one worker in a file that outlives the process. */
export class FlowFile {
  readonly tables: WorkerTables;
  private readonly page: Int32Array;

  private constructor(
    private readonly memory: NativeMemory,
    { lines, flowSideWords }: FlowFileSize,
    private readonly library: NativeLibrary,
  ) {
    let at = memory.address;
    const take = (words: number): SharedWords => {
      const address = at;
      at += BigInt(words * 4);
      return { address, words };
    };
    this.page = wordsOf(take(HEADER_BYTES / 4), library.path);
    const entries = lines * ENTRIES_PER_LINE;
    this.tables = {
      flows: take(lines * LINE_WORDS),
      sessions: { words: take(lines * LINE_WORDS), side: take(entries * SESSION_SIDE_WORDS) },
      ...(flowSideWords > 0 && { flowDetails: take(entries * flowSideWords) }),
    };
  }

  /** Make a file, which must not be there. @throws LbError LB_NATIVE_MEMORY, LB_NATIVE_SYSTEM */
  static create(dir: string, header: FlowFileHeader, library: NativeLibrary): FlowFile {
    const file = FlowFile.open(dir, header.worker, header, library);
    writeHeader(file.page, header);
    return file;
  }

  /**
   * Map a file whose header was found right.
   * @throws LbError LB_NATIVE_ARGUMENT if it is not as long as its tables are, LB_NATIVE_MEMORY, LB_NATIVE_SYSTEM
   */
  static open(dir: string, worker: number, size: FlowFileSize, library: NativeLibrary): FlowFile {
    const entries = size.lines * ENTRIES_PER_LINE;
    const words = 2 * size.lines * LINE_WORDS + entries * (SESSION_SIDE_WORDS + size.flowSideWords);
    const memory = NativeMemory.openFile(join(dir, flowFileName(worker)), HEADER_BYTES + words * 4, library);
    return new FlowFile(memory, size, library);
  }

  /**
   * Look at a worker's file without mapping it.
   * @returns its header or what is wrong with it; 'none' if there is no file, `exposed` if others may use it
   * @throws what open(2) and read(2) fail with
   */
  static inspect(dir: string, worker: number): FlowFileHeader | 'none' | 'exposed' | 'damaged' | 'format' {
    let fd: number;
    try {
      fd = openSync(join(dir, flowFileName(worker)), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return 'none';
      if (code === 'ELOOP') return 'exposed';
      throw error;
    }
    try {
      const status = fstatSync(fd);
      if (!status.isFile()) return 'damaged';
      if (status.uid !== process.geteuid?.() || (status.mode & 0o077) !== 0) return 'exposed';
      const page = new Int32Array(HEADER_BYTES / 4);
      return readSync(fd, page, 0, HEADER_BYTES, 0) === HEADER_BYTES ? readHeader(page) : 'damaged';
    } finally {
      closeSync(fd);
    }
  }

  /** Number of the oldest record of slots that may explain the tables; in memory, so that no disk can keep it from being raised. */
  get serial(): number {
    return loadSerial(this.page);
  }

  set serial(serial: number) {
    storeSerial(this.page, serial);
  }

  /**
   * Clear what has ended, and entries with slots that nobody ever had: they would be looked up outside the image.
   * Before any worker starts.
   * @param now tick of the dataplane's clock
   * @returns flows that live
   */
  revive({ vips, ass }: SavedSlots, now: number): number {
    const { flows, sessions } = this.tables;
    clearUnusable(wordsOf(sessions.words, this.library.path), SESSION_VIP_MASK, vips.size, now);
    return clearUnusable(wordsOf(flows, this.library.path), FLOW_AS_MASK, ass.size, now);
  }

  /** Unmap it. No thread may use the tables any more. */
  close(): void {
    this.memory.close();
  }
}

export function flowFileName(worker: number): string {
  return `flows-${worker}.bin`;
}

/** Clears entries that have ended, and those whose slot (value less one) is not below `slots`; returns what is left. */
function clearUnusable(words: Int32Array, mask: number, slots: number, now: number): number {
  let left = 0;
  for (let line = 0; line < words.length; line += LINE_WORDS) {
    for (let at = line; at < line + ENTRIES_PER_LINE; at++) {
      const value = words[at + VALUE];
      if (value === 0) continue;
      const slot = (value & mask) - 1;
      if (slot >= 0 && slot < slots && ((words[at + EXPIRY] - now) | 0) > 0) left++;
      else words[at + VALUE] = 0;
    }
  }
  return left;
}
