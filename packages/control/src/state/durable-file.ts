import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from './errors.js';

/** Ends the names of files that are being written; after a crash they are left over. */
export const TEMPORARY = '.tmp';
const DAMAGED = '.damaged';

/**
 * Puts a file in its place so that after a crash at any moment the name leads to all of the old content or to all of
 * the new; when this returns, to the new one. Only the owner may read it.
 * @throws the system's error; the name leads to what it did before, unless the last step (syncing the folder) failed
 */
export async function writeDurably(target: string, bytes: Uint8Array): Promise<void> {
  const temporary = target + TEMPORARY;
  try {
    const file = await fs.open(temporary, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, target);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(path.dirname(target));
}

/** Makes names in a folder last: what was renamed, made or removed there. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no such call; its file systems keep names in a journal.
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot.
    if (!['EINVAL', 'ENOTSUP'].includes(systemCode(error))) throw error;
  } finally {
    await handle.close();
  }
}

async function makeAll(folder: string): Promise<string | undefined> {
  try {
    return await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    // So Node.js says of a disk that is read-only, too; without `recursive` it tells the truth.
    if (systemCode(error) !== 'ENOENT') throw error;
    await fs.mkdir(folder, { mode: 0o700 });
    return folder;
  }
}

/** Makes a folder and those above it, for the owner only, so that they last. One that exists is left as it is. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await makeAll(folder);
  if (first === undefined) return;
  for (let made = path.resolve(folder); ; made = path.dirname(made)) {
    await syncFolder(path.dirname(made));
    if (made === path.resolve(first) || made === path.dirname(made)) return;
  }
}

/**
 * Renames a file to one that is not used and says so by its name. Returns the new path; the old one where that cannot be
 * done (a disk that is read-only).
 */
export async function setAside(file: string): Promise<string> {
  for (let copy = 0; ; copy++) {
    const aside = file + DAMAGED + (copy === 0 ? '' : `.${copy}`);
    const there = await fs.lstat(aside).catch(() => undefined);
    if (there !== undefined) continue;
    try {
      await fs.rename(file, aside);
      await syncFolder(path.dirname(file));
      return aside;
    } catch {
      return file;
    }
  }
}
