import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SLOT_RECORD_NAME } from './slot-record.js';

const NAME = `(flows-\\d+\\.bin|${SLOT_RECORD_NAME})`;
const OURS = new RegExp(`^${NAME}$`);
const SET_ASIDE = new RegExp(`^${NAME}\\.incompatible-`);

/**
 * Makes the folder if it is missing, and sees to it that it is this user's alone: whoever writes to it decides where
 * packets go.
 * @throws Error with the reason
 */
export function ownFolder(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const status = lstatSync(dir);
  if (!status.isDirectory()) throw new Error('it is no folder');
  if (status.uid !== process.geteuid?.() || (status.mode & 0o022) !== 0) {
    throw new Error('it must belong to the user of this process, and nobody else may write to it');
  }
}

/** Give all files other names, in the place of those that were set aside before: they may be large. */
export function setAside(dir: string, time: Date): void {
  const names = readdirSync(dir);
  for (const name of names) if (SET_ASIDE.test(name)) rmSync(join(dir, name), { recursive: true });
  const suffix = `.incompatible-${time.toISOString().replace(/[-:]|\.\d+/g, '')}`;
  // The record first: tables without one are not used, whatever is left of them.
  for (const name of recordFirst(names)) renameSync(join(dir, name), join(dir, name + suffix));
}

/** Remove all files, but not those that were set aside. */
export function clearFolder(dir: string): void {
  for (const name of recordFirst(readdirSync(dir))) rmSync(join(dir, name), { recursive: true });
}

function recordFirst(names: readonly string[]): string[] {
  return names
    .filter((name) => OURS.test(name))
    .sort((a, b) => Number(b === SLOT_RECORD_NAME) - Number(a === SLOT_RECORD_NAME));
}
