import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedSlots } from '../image/saved-slots.js';
import { FLOW_FILE_FORMAT } from './flow-file-header.js';

/** Who has the slots that flow tables hold. */
export interface SlotRecord {
  /** Of the files it explains. */
  readonly generation: readonly [number, number];
  /** One more with each record. */
  readonly serial: number;
  readonly slots: SavedSlots;
}

export const SLOT_RECORD_NAME = 'flows-owners';

/** The record of a folder, or why there is none that can be used. @throws what reading fails with */
export function readSlotRecord(dir: string): SlotRecord | 'none' | 'damaged' | 'format' {
  let text: string;
  try {
    text = readFileSync(join(dir, SLOT_RECORD_NAME), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'none';
    throw error;
  }
  const [head, json, end, ...more] = text.split('\n');
  const [magic, format, sum] = head.split(' ');
  if (magic !== 'lb-flows-owners' || json === undefined || end !== '' || more.length > 0) return 'damaged';
  if (format !== String(FLOW_FILE_FORMAT)) return 'format';
  return sum === sha256(json) && head === headOf(json) ? JSON.parse(json) : 'damaged';
}

/** Put a record in the place of the one before: whoever reads finds one or the other. @throws what writing fails with */
export function replaceSlotRecord(dir: string, record: SlotRecord): void {
  const path = join(dir, SLOT_RECORD_NAME);
  const json = JSON.stringify(record);
  rmSync(`${path}.tmp`, { force: true });
  writeFileSync(`${path}.tmp`, `${headOf(json)}\n${json}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(`${path}.tmp`, path);
}

function headOf(json: string): string {
  return `lb-flows-owners ${FLOW_FILE_FORMAT} ${sha256(json)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
