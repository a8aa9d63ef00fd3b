import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './paths.js';

export interface Finished {
  /** Exit status; null when a signal ended the program. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the repository's root and collects what it says. Rejects only when it can't be started. */
export function run(program: string, args: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (status) => {
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Runs the built `lb`. */
export function runLb(...args: readonly string[]): Promise<Finished> {
  return run(process.execPath, [join(repositoryRoot, 'apps/lb/bin/lb.mjs'), ...args]);
}
