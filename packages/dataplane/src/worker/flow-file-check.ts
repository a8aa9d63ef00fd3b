import type { LbError } from '@lb/core';
import type { NativeLibrary } from '../native/index.js';
import { type WorkerErrorCode, workerError } from './errors.js';
import { FlowFile, flowFileName } from './flow-file.js';
import type { FlowFileHeader } from './flow-file-header.js';
import { readSlotRecord, SLOT_RECORD_NAME, type SlotRecord } from './slot-record.js';

/** What is in a folder: tables that can be used, with their record; or nothing that can. */
export type Found =
  | { readonly record: SlotRecord; readonly header: FlowFileHeader; readonly finding?: undefined }
  | {
      readonly record?: undefined;
      /** Why not; absent if there is nothing that anybody would miss. */
      readonly finding?: LbError;
      /** Somebody may want to look at the files. */
      readonly keep: boolean;
    };

/** Thrown and caught here. */
class Unusable extends Error {
  constructor(
    readonly finding: LbError | undefined,
    readonly keep: boolean,
  ) {
    super();
  }
}

/**
 * Opens all tables of a folder into `files` if they are what is wanted, whole, and explained by their record; else none.
 * @param wanted lines, side words, workers, boot and the tick of now
 * @throws what reading fails with; LbError LB_NATIVE_*
 */
export function inspectFolder(dir: string, wanted: FlowFileHeader, files: FlowFile[], library: NativeLibrary): Found {
  try {
    const first = checkHeaders(dir, wanted);
    const record = checkRecord(dir, first);
    for (let worker = 0; worker < wanted.workers; worker++) files.push(FlowFile.open(dir, worker, wanted, library));
    if (record.serial >= files[0].serial) return { record, header: first };
    throw unusable('LB_FLOWS_OWNERS', `${dir}: ${SLOT_RECORD_NAME} is older than the tables that it should explain`);
  } catch (error) {
    for (const file of files.splice(0)) file.close();
    if (error instanceof Unusable) {
      const { finding, keep } = error;
      return { keep, ...(finding && { finding }) };
    }
    const { code, message } = error as LbError;
    if (code !== 'LB_NATIVE_ARGUMENT') throw error;
    return { keep: true, finding: workerError('LB_FLOWS_DAMAGED', `flow tables: ${message}`) };
  }
}

function unusable(code: WorkerErrorCode, what: string, keep = true): Unusable {
  return new Unusable(workerError(code, `flow tables: ${what}`), keep);
}

/** The header of the first file. @throws Unusable */
function checkHeaders(dir: string, wanted: FlowFileHeader): FlowFileHeader {
  let first: FlowFileHeader | undefined;
  for (let worker = 0; worker < wanted.workers; worker++) {
    const path = `${dir}/${flowFileName(worker)}`;
    const header = FlowFile.inspect(dir, worker);
    if (header === 'none' && worker === 0 && readSlotRecord(dir) === 'none') throw new Unusable(undefined, false);
    if (header === 'none') throw unusable('LB_FLOWS_DAMAGED', `${path} is missing`);
    if (header === 'damaged') throw unusable('LB_FLOWS_DAMAGED', `${path}: its header is damaged`);
    if (header === 'exposed') throw unusable('LB_FLOWS_FOREIGN', `${path} is not this user's alone`);
    if (header === 'format') throw unusable('LB_FLOWS_INCOMPATIBLE', `${path} is of another version or machine`);
    checkHeader(path, header, { ...wanted, worker });
    first ??= header;
    if (String(header.generation) !== String(first.generation)) {
      throw unusable('LB_FLOWS_DAMAGED', `${path} was not made together with ${flowFileName(0)}`);
    }
  }
  return first!;
}

/** @throws Unusable */
function checkHeader(path: string, header: FlowFileHeader, wanted: FlowFileHeader): void {
  if (header.boot !== wanted.boot || ((wanted.createdTick - header.createdTick) | 0) < 0) {
    throw unusable('LB_FLOWS_BOOT', `${path} is from before the system's last start`, false);
  }
  const differs = (what: string, is: number, asked: number) =>
    unusable('LB_FLOWS_INCOMPATIBLE', `${path} has ${what} ${is}, and ${asked} is asked for`);
  if (header.workers !== wanted.workers) throw differs('workers', header.workers, wanted.workers);
  if (header.lines !== wanted.lines) throw differs('lines', header.lines, wanted.lines);
  if (header.flowSideWords !== wanted.flowSideWords) {
    throw differs('words of details', header.flowSideWords, wanted.flowSideWords);
  }
  if (header.worker !== wanted.worker) throw unusable('LB_FLOWS_DAMAGED', `${path} is that of worker ${header.worker}`);
}

/** The record that goes with the tables of a header. @throws Unusable */
function checkRecord(dir: string, header: FlowFileHeader): SlotRecord {
  const path = `${dir}/${SLOT_RECORD_NAME}`;
  const record = readSlotRecord(dir);
  // A process that ended before its first image: no flow has been entered.
  if (record === 'none' && header.serial === 0) throw new Unusable(undefined, false);
  if (record === 'none') throw unusable('LB_FLOWS_DAMAGED', `${path} is missing`);
  if (record === 'damaged') throw unusable('LB_FLOWS_DAMAGED', `${path} is damaged`);
  if (record === 'format') throw unusable('LB_FLOWS_INCOMPATIBLE', `${path} is of another version`);
  if (String(record.generation) === String(header.generation)) return record;
  throw unusable('LB_FLOWS_DAMAGED', `${path} was not written for ${flowFileName(0)}`);
}
