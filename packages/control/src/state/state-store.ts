import fs from 'node:fs/promises';
import path from 'node:path';
import { makeFolder, setAside, syncFolder, TEMPORARY, writeDurably } from './durable-file.js';
import { diskError, StateError, type StateFinding, systemCode, systemReason } from './errors.js';
import { type FolderLock, lockFolder } from './folder-lock.js';
import { noRevision } from './memory-log.js';
import { decodeRecord, encodeRecord, parseJson } from './record.js';
import {
  countToDrop,
  type Retention,
  type Revision,
  type RevisionLog,
  type RevisionMeta,
  type RevisionQuery,
  selectNewest,
} from './revision.js';
import { decodeRevisionMeta, encodeRevision, type StoredMeta } from './revision-record.js';
import { readRevision, revisionPath, type Scanned, scanRevisions, takeAside } from './scan-revisions.js';

const RETENTION: Retention = { keep: 1000, keepBytes: 1024 * 1024 * 1024 };
const RUNTIME_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * The revisions in a folder, one file each, and slots for what else has to outlive the daemon. One process at a time has
 * a folder. Writing is done in the order it was asked for.
 */
export class StateStore implements RevisionLog {
  /** Its absolute path. */
  readonly folder: string;
  readonly #lock: FolderLock;
  readonly #retention: Retention;
  readonly #findings: StateFinding[];
  readonly #entries: StoredMeta[];
  #latest: Revision | undefined;
  #highest: number;
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(folder: string, lock: FolderLock, scanned: Scanned, retention: Retention) {
    this.folder = folder;
    this.#lock = lock;
    this.#retention = retention;
    this.#entries = [...scanned.entries];
    this.#latest = scanned.latest;
    this.#highest = scanned.highest;
    this.#findings = [...scanned.findings];
  }

  /**
   * Takes a folder, which is made if it is missing, and reads what it holds. A damaged newest revision is set aside, and
   * the one before it is the latest: `findings` says so.
   * @throws StateError LB_STATE_LOCKED, LB_STATE_LOCK, LB_STATE_DIR, LB_STATE_DISK; LB_STATE_FORMAT or LB_STATE_CONFIG
   * when another version wrote it. The folder is free again then.
   */
  static async open(dir: string, retention: Partial<Retention> = {}): Promise<StateStore> {
    const folder = path.resolve(dir);
    await prepareFolder(folder, makeFolder);
    const lock = await lockFolder(folder);
    try {
      await prepareFolder(revisionsOf(folder), ownFolder);
      await prepareFolder(runtimeOf(folder), ownFolder);
      await removeTemporary(runtimeOf(folder));
      const store = new StateStore(folder, lock, await scanRevisions(revisionsOf(folder)), {
        ...RETENTION,
        ...retention,
      });
      await store.#prune();
      return store;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** What was found damaged so far, oldest first. */
  get findings(): readonly StateFinding[] {
    return this.#findings;
  }

  /** Above the numbers of damaged revisions too: whoever has seen one of those must not take another for it. */
  get nextNumber(): number {
    return this.#highest + 1;
  }

  latest(): Revision | undefined {
    return this.#latest;
  }

  /**
   * Stores a revision, which is then the latest. When this returns it has reached the disk.
   * @throws StateError LB_STATE_DISK, LB_STATE_CLOSED; the latest is the same as before
   */
  append(revision: Revision): Promise<void> {
    return this.#inTurn(async () => {
      if (revision.number <= this.#highest) throw new RangeError(`revision ${revision.number} is not a new one`);
      const file = revisionPath(revisionsOf(this.folder), revision.number);
      const bytes = encodeRevision(revision);
      const entry = decodeRevisionMeta(bytes, revision.number);
      try {
        await writeDurably(file, bytes);
      } catch (error) {
        // It may be in place and only not be known to last; it was refused, so it must not come back.
        await fs.rm(file, { force: true }).catch(() => undefined);
        throw diskError(file, error);
      }
      this.#entries.push(entry);
      this.#latest = revision;
      this.#highest = revision.number;
      await this.#prune();
    });
  }

  list(query: RevisionQuery = {}): readonly RevisionMeta[] {
    return selectNewest(this.#entries, query);
  }

  /**
   * Reads and checks a revision.
   * @throws StateError LB_STATE_NO_REVISION, LB_STATE_CONFIG, LB_STATE_DIR; LB_STATE_DAMAGED, and it is set aside
   */
  async read(number: number): Promise<Revision> {
    if (number === this.#latest?.number) return this.#latest;
    const at = this.#entries.findIndex((entry) => entry.number === number);
    if (at < 0) throw noRevision(number, this.list());
    const file = revisionPath(revisionsOf(this.folder), number);
    try {
      const { length: _, ...revision } = await readRevision(file, number);
      return revision;
    } catch (error) {
      this.#forget(number);
      if (systemCode(error) === 'ENOENT') throw noRevision(number, this.list());
      const finding = await takeAside(file, error);
      this.#findings.push(finding);
      throw new StateError(finding.code, finding.message);
    }
  }

  /**
   * Keeps a value under a name until it is saved again: what has to outlive the daemon but is no part of the desired
   * state. A crash leaves the value before or this one.
   * @param name small letters, digits and dashes
   * @param value anything that JSON can say
   * @throws StateError LB_STATE_DISK, LB_STATE_CLOSED; the value before is kept
   */
  saveRuntime(name: string, value: unknown): Promise<void> {
    const file = this.#runtimePath(name);
    const bytes = encodeRecord({ name }, JSON.stringify(value));
    return this.#inTurn(async () => {
      try {
        await writeDurably(file, bytes);
      } catch (error) {
        throw diskError(file, error);
      }
    });
  }

  /**
   * The value saved last under a name; undefined when there is none, or none that can be used (then `findings` tells).
   * @throws StateError LB_STATE_CLOSED
   */
  readRuntime(name: string): Promise<unknown> {
    const file = this.#runtimePath(name);
    const what = `${name} in ${runtimeOf(this.folder)}`;
    return this.#inTurn(async () => {
      try {
        return parseJson(decodeRecord(await fs.readFile(file), what).body, what);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return undefined;
        const code = error instanceof StateError ? error.code : 'LB_STATE_DAMAGED';
        const message = error instanceof StateError ? error.message : `cannot read ${file}: ${systemReason(error)}`;
        this.#findings.push({ code, message, path: await setAside(file) });
        return undefined;
      }
    });
  }

  /** Waits for what is being written and gives the folder free. Repeating it does nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    this.#lock.release();
  }

  /** One write after the other: they would take each other's temporary files. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new StateError('LB_STATE_CLOSED', `the state in ${this.folder} is closed`));
    }
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  /** Removes the oldest revisions. What cannot be removed now is removed another time. */
  async #prune(): Promise<void> {
    const sizes = this.#entries.map(({ length }) => length);
    for (const { number } of this.#entries.slice(0, countToDrop(sizes, this.#retention))) {
      try {
        await fs.rm(revisionPath(revisionsOf(this.folder), number), { force: true });
      } catch {
        return;
      }
      this.#forget(number);
    }
  }

  #forget(number: number): void {
    const at = this.#entries.findIndex((entry) => entry.number === number);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  #runtimePath(name: string): string {
    if (!RUNTIME_NAME.test(name)) throw new RangeError(`'${name}' cannot name a slot`);
    return path.join(runtimeOf(this.folder), `${name}.state`);
  }
}

function revisionsOf(folder: string): string {
  return path.join(folder, 'revisions');
}

function runtimeOf(folder: string): string {
  return path.join(folder, 'runtime');
}

async function prepareFolder(folder: string, prepare: (folder: string) => Promise<void>): Promise<void> {
  try {
    await prepare(folder);
  } catch (error) {
    if (error instanceof StateError) throw error;
    const full = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes(systemCode(error));
    if (full) throw diskError(folder, error);
    const hint = 'give another folder with --state';
    throw new StateError('LB_STATE_DIR', `cannot make the folder ${folder}: ${systemReason(error)}`, hint);
  }
}

/** A folder that is ours alone: whoever could write there could make the daemon apply anything. */
async function ownFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const { uid, mode } = await fs.stat(folder);
  const us = process.geteuid?.();
  if (us === undefined) return;
  if (uid !== us) {
    throw new StateError('LB_STATE_DIR', `${folder} belongs to user ${uid}, and this process is user ${us}`);
  }
  if ((mode & 0o077) !== 0) await fs.chmod(folder, 0o700);
}

async function removeTemporary(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    if (name.endsWith(TEMPORARY)) await fs.rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }
  await syncFolder(folder);
}
