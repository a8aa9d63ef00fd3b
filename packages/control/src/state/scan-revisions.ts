import fs from 'node:fs/promises';
import path from 'node:path';
import { setAside, TEMPORARY } from './durable-file.js';
import { StateError, type StateFinding, systemCode } from './errors.js';
import { hasHead } from './record.js';
import type { Revision } from './revision.js';
import { decodeRevision, decodeRevisionMeta, type StoredMeta } from './revision-record.js';

/** What a folder of revisions holds. */
export interface Scanned {
  /** Oldest first. */
  readonly entries: StoredMeta[];
  readonly latest: Revision | undefined;
  /** The highest number that any file has, damaged ones included; 0 without files. */
  readonly highest: number;
  readonly findings: readonly StateFinding[];
}

/** `0000000042.rev`, and what it is renamed to when it is damaged. */
const NAME = /^([0-9]{10})\.rev(\.damaged.*)?$/;
const HEAD_BYTES = 4096;

export function revisionPath(folder: string, number: number): string {
  return path.join(folder, `${String(number).padStart(10, '0')}.rev`);
}

/**
 * Reads a folder: the newest revision whole, and if that is damaged the one before, and so on; of the others the heads,
 * since all of a thousand large configurations would take long. Damaged files are set aside.
 * @throws StateError LB_STATE_FORMAT, LB_STATE_CONFIG, LB_STATE_DIR
 */
export async function scanRevisions(folder: string): Promise<Scanned> {
  const { numbers, highest } = await listFiles(folder);
  const findings: StateFinding[] = [];
  const entries: StoredMeta[] = [];
  let latest: Revision | undefined;
  for (const number of numbers.sort((a, b) => b - a)) {
    const file = revisionPath(folder, number);
    try {
      if (latest === undefined) {
        const { length, ...revision } = await readRevision(file, number);
        latest = revision;
        entries.push({ ...revision, length });
      } else {
        entries.push(await readMeta(file, number));
      }
    } catch (error) {
      findings.push(await takeAside(file, error));
    }
  }
  return { entries: entries.map(withoutConfig).reverse(), latest, highest, findings };
}

/**
 * A whole revision from its file.
 * @throws StateError LB_STATE_DAMAGED, LB_STATE_FORMAT, LB_STATE_CONFIG; the system's error
 */
export async function readRevision(file: string, number: number): Promise<Revision & StoredMeta> {
  return decodeRevision(await fs.readFile(file), number);
}

/**
 * Renames a damaged file, and says so.
 * @throws `error`, unless it is about damage
 */
export async function takeAside(file: string, error: unknown): Promise<StateFinding> {
  const unreadable = systemCode(error) === 'EIO' || systemCode(error) === 'EISDIR';
  if (!unreadable && !(error instanceof StateError && error.code === 'LB_STATE_DAMAGED')) throw readError(file, error);
  const now = await setAside(file);
  const fate = now === file ? 'it could not be renamed' : `it is now ${path.basename(now)}`;
  const why = error instanceof StateError ? error.message : `${path.basename(file)} cannot be read`;
  return { code: 'LB_STATE_DAMAGED', message: `${why}; ${fate}`, path: now };
}

async function listFiles(folder: string): Promise<{ numbers: number[]; highest: number }> {
  const numbers: number[] = [];
  let highest = 0;
  for (const name of await fs.readdir(folder)) {
    if (name.endsWith(TEMPORARY)) await fs.rm(path.join(folder, name), { force: true }).catch(() => undefined);
    const match = NAME.exec(name);
    if (match === null) continue;
    const number = Number(match[1]);
    highest = Math.max(highest, number);
    if (match[2] === undefined) numbers.push(number);
  }
  return { numbers, highest };
}

/** Usually the first few kilobytes do; a long note needs more. */
async function readMeta(file: string, number: number): Promise<StoredMeta> {
  const handle = await fs.open(file, 'r');
  try {
    const { size } = await handle.stat();
    for (let wanted = HEAD_BYTES; ; wanted *= 4) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(wanted, size)), 0, null, 0);
      const bytes = buffer.subarray(0, bytesRead);
      if (hasHead(bytes) || wanted >= size) return decodeRevisionMeta(bytes, number);
    }
  } finally {
    await handle.close();
  }
}

function readError(file: string, error: unknown): unknown {
  if (error instanceof StateError || systemCode(error) === '') return error;
  return new StateError('LB_STATE_DIR', `cannot read ${file}: ${(error as Error).message}`);
}

function withoutConfig({ number, time, author, note, hash, length }: StoredMeta): StoredMeta {
  return { number, time, author, note, hash, length };
}
