import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod';

/** A small file of the app's own, mode 0600. One that is missing, or that somebody broke, counts as not there. */
export class JsonFile<S extends z.ZodType> {
  constructor(
    private readonly path: string,
    private readonly schema: S,
  ) {}

  read(): z.output<S> | undefined {
    try {
      const result = this.schema.safeParse(JSON.parse(readFileSync(this.path, 'utf8')));
      return result.success ? result.data : undefined;
    } catch {
      return undefined;
    }
  }

  /** As a whole or not at all. @throws Error of node:fs */
  write(value: z.input<S>): void {
    const fresh = `${this.path}.new`;
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(fresh, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    // The mode above counts for new files only.
    chmodSync(fresh, 0o600);
    renameSync(fresh, this.path);
  }
}
