import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rights } from './daemon.js';

export interface SurroundingsOptions {
  /** Commands of a shell that are carried out before, in a mount namespace that ends with the daemon. */
  readonly prepare?: string;
  /** Words of a program that runs it. */
  readonly before?: readonly string[];
  /** Words for Node.js itself. */
  readonly node?: readonly string[];
}

/** The rights of the test, but other surroundings. */
export class Surroundings implements Rights {
  readonly folder = mkdtempSync(join(tmpdir(), 'lb-surroundings-'));

  constructor(private readonly options: SurroundingsOptions) {}

  command(script: string): string[] {
    const { prepare = 'true', before = [], node = [] } = this.options;
    const shell = ['unshare', '--mount', 'sh', '-c', `set -e; ${prepare}; exec "$@"`, 'sh'];
    return [...shell, ...before, process.execPath, ...node, script];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
