import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from './main.js';

/** What a run of the program in this process came to. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runMain(...argv: string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await main(argv, {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
  });
  return { status, stdout: out.join(''), stderr: err.join('') };
}

/** A folder for the files of a test. */
export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'lb-cli-'));

  /** Path of a file that need not exist. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes a text and returns its path. */
  write(name: string, ...lines: string[]): string {
    writeFileSync(this.file(name), lines.map((line) => `${line}\n`).join(''));
    return this.file(name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The built program, for tests that need a process of their own. */
export function builtProgram(): string {
  const root = new URL('../', import.meta.url);
  if (!existsSync(new URL('dist/main.js', root))) throw new Error('apps/lb is not built: run `npm run setup` first');
  return fileURLToPath(new URL('bin/lb.mjs', root));
}
