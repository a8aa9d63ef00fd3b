import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** One file before this one is kept. */
const LONGEST_BYTES = 1 << 20;

/** What went wrong in the app, in a file that its user can find. It never fails: nothing is gained by an error about an error. */
export class ErrorLog {
  constructor(readonly path: string) {}

  /**
   * Adds an entry with the time.
   * @param where it happened, as `page`
   */
  write(where: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      this.turnOver();
      appendFileSync(this.path, `${new Date().toISOString()} ${where}: ${text}\n`, { mode: 0o600 });
    } catch {
      process.stderr.write(`${where}: ${text}\n`);
    }
  }

  private turnOver(): void {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size >= LONGEST_BYTES) renameSync(this.path, `${this.path}.1`);
  }
}
