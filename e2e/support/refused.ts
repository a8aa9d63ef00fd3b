import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Rights } from './daemon.js';
import type { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';
import { within } from './until.js';

const lb = join(repositoryRoot, 'apps/lb/bin/lb.mjs');

/** What `lb serve` says as it refuses to start: the last line. An error if it starts. */
export async function refusal(ns: Namespace, words: readonly string[], rights?: Rights): Promise<string> {
  const socket = join(rights?.folder ?? mkdtempSync(join(ns.folder, 'refused-')), 'lb.sock');
  const program = ns.start(...(rights?.command(lb) ?? [process.execPath, lb]), 'serve', '--socket', socket, ...words);
  try {
    const { status } = await within('lb serve to refuse', program.ended, 30_000);
    const last = program.output.trim().split('\n').at(-1) ?? '';
    if (status !== 1) throw new Error(`lb serve ended with ${status}: ${program.output}`);
    return last;
  } finally {
    await program.stop('SIGKILL');
  }
}
