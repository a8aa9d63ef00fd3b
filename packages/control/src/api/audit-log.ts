import { mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditEntry } from './contract/audit.js';
import { apiError } from './errors.js';

export interface AuditLogOptions {
  /** A file that has reached this size is put aside. */
  readonly maxBytes?: number;
  /** Files put aside that are kept: FILE.1 is the newest. */
  readonly keep?: number;
}

/** Who changed what: JSON lines, appended in the order of the changes, mode 0600. The folder is made if its parent exists. */
export class AuditLog {
  private tail: Promise<void> = Promise.resolve();
  private readonly maxBytes: number;
  private readonly keep: number;

  constructor(
    readonly file: string,
    { maxBytes = 16 * 1024 * 1024, keep = 8 }: AuditLogOptions = {},
  ) {
    this.maxBytes = maxBytes;
    this.keep = keep;
  }

  /** Resolves when the entry is written. @throws LbError LB_API_AUDIT */
  append(entry: AuditEntry): Promise<void> {
    const line = `${JSON.stringify(entry)}\n`;
    const written = this.tail.then(() => this.write(line));
    this.tail = written.catch(() => {});
    return written;
  }

  /** Resolves when all entries are written. */
  async close(): Promise<void> {
    await this.tail;
  }

  private async write(line: string): Promise<void> {
    try {
      await makeFolder(dirname(this.file));
      await this.rotate(Buffer.byteLength(line));
      const handle = await open(this.file, 'a', 0o600);
      try {
        await handle.appendFile(line);
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw apiError('LB_API_AUDIT', `cannot write ${this.file}: ${(error as Error).message}`);
    }
  }

  private async rotate(bytes: number): Promise<void> {
    const size = (await stat(this.file).catch(() => undefined))?.size ?? 0;
    if (size === 0 || size + bytes <= this.maxBytes) return;
    for (let n = this.keep - 1; n >= 1; n--) await renameIfThere(`${this.file}.${n}`, `${this.file}.${n + 1}`);
    await rename(this.file, `${this.file}.1`);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
