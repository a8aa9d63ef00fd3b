import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';
import { within } from './until.js';

const lb = join(repositoryRoot, 'apps/lb/bin/lb.mjs');

/**
 * What `lb serve` says as it refuses to start: the last line. An error if it starts.
 * @param before words of programs that run it in other surroundings
 */
export async function refusal(
  ns: Namespace,
  words: readonly string[],
  before: readonly string[] = [],
): Promise<string> {
  const socket = join(mkdtempSync(join(ns.folder, 'refused-')), 'lb.sock');
  const program = ns.start(...before, process.execPath, lb, 'serve', '--socket', socket, ...words);
  try {
    const { status } = await within('lb serve to refuse', program.ended, 30_000);
    const last = program.output.trim().split('\n').at(-1) ?? '';
    if (status !== 1) throw new Error(`lb serve ended with ${status}: ${program.output}`);
    return last;
  } finally {
    await program.stop('SIGKILL');
  }
}
