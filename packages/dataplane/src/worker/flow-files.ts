import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LbError } from '@lb/core';
import { monotonicClock } from '../clock.js';
import type { SavedSlots, SlotKeeper } from '../image/saved-slots.js';
import { type FolderLock, lockFolder } from '../native/folder-lock.js';
import { libraryPath, type NativeLibrary, nativeLibrary } from '../native/index.js';
import type { Secret } from '../pipeline/engine.js';
import { FLOW_SIDE_WORDS } from '../pipeline/flow-details.js';
import { workerError } from './errors.js';
import { FlowFile } from './flow-file.js';
import { type Found, inspectFolder } from './flow-file-check.js';
import type { FlowFileHeader } from './flow-file-header.js';
import { clearFolder, ownFolder, setAside } from './flow-folder.js';
import { randomSecret } from './secret.js';
import { replaceSlotRecord } from './slot-record.js';
import type { WorkerTables } from './worker-setup.js';

export interface FlowFilesOptions {
  /**
   * Folder for the files and nothing else; made with mode 0700 if it is missing, not so its parents. Better on a file
   * system in memory (tmpfs): tables change with every packet.
   */
  readonly dir: string;
  readonly workers: number;
  /** Lines of each worker's flow table, as the supervisor gets it. */
  readonly flowTableLines: number;
  /** Keep details of flows too. Default: no. */
  readonly flowDetails?: boolean;
  /** Path of the native library, if not where it is expected. */
  readonly library?: string;
  /** Told when slots could not be saved (LB_FLOWS_OWNERS): unless that works later, the next process starts afresh. */
  readonly saveFailed?: (finding: LbError) => void;
  /** The system's run, 32 hexadecimal digits; by default the kernel's own number of it. */
  readonly boot?: string;
}

/**
 * Flow tables and NAT sessions in files that the kernel keeps whatever becomes of the process, and the record of who has
 * the slots in them. Opened before the image compiler, which takes the slots from it, and closed after the supervisor has
 * stopped. What may happen in between is in docs/workers.md ("Restart").
 */
export class FlowFiles implements SlotKeeper {
  /** Places flows in the tables. */
  readonly secret: Secret;
  readonly saved: SavedSlots | undefined;
  /** Why flows that were found are not used (LB_FLOWS_*); empty if all are, or if there were none. */
  readonly findings: readonly LbError[];
  /** Live flows of the process before, over all workers. */
  readonly flows: number;
  private readonly generation: FlowFileHeader['generation'];
  private serial = 0;
  private written = '';

  private constructor(
    private readonly options: FlowFilesOptions,
    private readonly lock: FolderLock,
    private readonly files: FlowFile[],
    header: FlowFileHeader,
    found: Found,
  ) {
    this.secret = header.secret;
    this.generation = header.generation;
    this.findings = found.finding === undefined ? [] : [found.finding];
    const { record } = found;
    if (record !== undefined) {
      this.saved = record.slots;
      this.serial = record.serial;
    }
    const now = monotonicClock();
    this.flows = record === undefined ? 0 : files.reduce((sum, file) => sum + file.revive(record.slots, now), 0);
  }

  /**
   * Opens what the process before has left. Files that do not fit are never read, but set aside as
   * `….incompatible-<time>` in the place of those set aside before, or removed if the system was restarted; then, and
   * where there are none, all begins with empty tables.
   * @throws LbError LB_FLOWS_FOLDER, LB_FLOWS_LOCKED, LB_NATIVE_*; then nothing is left open. LB_NATIVE_LIBRARY: there is
   * no native library; flows can only be in memory
   */
  static open(options: FlowFilesOptions): FlowFiles {
    const { dir } = options;
    const library = nativeLibrary(options.library ?? libraryPath());
    const lock = inFolder(dir, () => {
      ownFolder(dir);
      return lockFolder(dir);
    });
    if (lock === undefined) throw workerError('LB_FLOWS_LOCKED', `flow tables: another process uses ${dir}`);
    const files: FlowFile[] = [];
    try {
      const wanted = newHeader(options);
      const found = inFolder(dir, () => inspectFolder(dir, wanted, files, library));
      if (found.record !== undefined) return new FlowFiles(options, lock, files, found.header, found);
      inFolder(dir, () => (found.keep ? setAside(dir, new Date()) : clearFolder(dir)));
      createAll(dir, wanted, files, library);
      return new FlowFiles(options, lock, files, wanted, found);
    } catch (error) {
      for (const file of files) file.close();
      lock.release();
      throw error;
    }
  }

  get workers(): number {
    return this.options.workers;
  }

  get flowTableLines(): number {
    return this.options.flowTableLines;
  }

  /** Whether there may be flows of the process before. */
  get isInherited(): boolean {
    return this.saved !== undefined;
  }

  tables(worker: number): WorkerTables {
    return this.files[worker].tables;
  }

  save(slots: SavedSlots): void {
    const { options, generation } = this;
    const text = JSON.stringify(slots);
    if (text === this.written) return;
    const serial = ++this.serial;
    try {
      replaceSlotRecord(options.dir, { generation, serial, slots });
      this.written = text;
    } catch (error) {
      this.written = '';
      const why = `flow tables: who has which slot cannot be written into ${options.dir}: ${(error as Error).message}`;
      options.saveFailed?.(workerError('LB_FLOWS_OWNERS', why));
    }
    // Only now: a process that ends in between leaves a new record, and tables that do not use what is new in it.
    this.files[0].serial = serial;
  }

  /** Unmap the tables and let another process have them. Repeating it does nothing. */
  close(): void {
    for (const file of this.files.splice(0)) file.close();
    this.lock.release();
  }
}

function newHeader(options: FlowFilesOptions): FlowFileHeader {
  const [high, low] = randomFillSync(new Uint32Array(2));
  return {
    lines: options.flowTableLines,
    flowSideWords: options.flowDetails === true ? FLOW_SIDE_WORDS : 0,
    worker: 0,
    workers: options.workers,
    createdTick: monotonicClock() | 0,
    secret: randomSecret(),
    generation: [high, low],
    boot: options.boot ?? kernelsBoot(),
    serial: 0,
  };
}

function kernelsBoot(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
}

/** Opens into `files`. @throws LbError LB_NATIVE_*; then no file is left */
function createAll(dir: string, header: FlowFileHeader, files: FlowFile[], library: NativeLibrary): void {
  try {
    for (let worker = 0; worker < header.workers; worker++)
      files.push(FlowFile.create(dir, { ...header, worker }, library));
  } catch (error) {
    clearFolder(dir);
    throw error;
  }
}

/** @throws LbError LB_FLOWS_FOLDER in the place of errors of the file system; those of this program as they are */
function inFolder<T>(dir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith('LB_')) throw error;
    throw workerError('LB_FLOWS_FOLDER', `flow tables: ${dir}: ${(error as Error).message}`);
  }
}
