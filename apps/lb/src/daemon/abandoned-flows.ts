import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { lockFolder } from '@lb/dataplane';

const RECORD = 'state-folder';

/** A folder and what the file system knows it by. */
interface Place {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

/** Writes down whose flow tables are in a folder: the folder of the state, and those that it is in. */
export function recordOwner(dir: string, stateDir: string): void {
  const places: Place[] = [];
  for (let path = resolve(stateDir); ; path = dirname(path)) {
    const { dev, ino } = statSync(path);
    places.push({ path, device: dev, inode: ino });
    if (path === dirname(path)) break;
  }
  const draft = join(dir, `${RECORD}.new`);
  writeFileSync(draft, `${JSON.stringify(places)}\n`, { mode: 0o600 });
  renameSync(draft, join(dir, RECORD));
}

/**
 * Removes folders of flow tables whose state has been deleted: no daemon will ever look for them. One is left alone if it
 * is another user's or in use, if nobody wrote down whose it is, and if the state may be where this process cannot see it:
 * in another container, or on a file system that is not mounted now.
 * @param parent where the folders are
 * @param isOurs whether a name is that of such a folder
 * @returns the states whose tables were removed
 */
export function removeAbandoned(parent: string, isOurs: (name: string) => boolean): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter(isOurs)
    .flatMap((name) => {
      try {
        return removeIfAbandoned(join(parent, name));
      } catch {
        // Somebody else may be removing it; the next start looks again.
        return [];
      }
    });
}

function removeIfAbandoned(dir: string): string[] {
  const status = lstatSync(dir);
  if (!status.isDirectory() || status.uid !== process.geteuid?.()) return [];
  const lock = lockFolder(dir);
  if (lock === undefined) return [];
  try {
    const places: readonly Place[] = JSON.parse(readFileSync(join(dir, RECORD), 'utf8'));
    if (!isGone(places)) return [];
    rmSync(dir, { recursive: true });
    return [places[0]!.path];
  } finally {
    lock.release();
  }
}

/** Whether the first of these folders is known not to be there: the nearest one that is there is the one that was. */
function isGone([state, ...above]: readonly Place[]): boolean {
  if (state === undefined || found(state.path) !== undefined) return false;
  for (const { path, device, inode } of above) {
    const now = found(path);
    if (now !== undefined) return now.dev === device && now.ino === inode;
  }
  return false;
}

/** Undefined only if there is nothing of that name. @throws if that cannot be told */
function found(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}
