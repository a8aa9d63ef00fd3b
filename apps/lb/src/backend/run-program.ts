import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { backendError } from './errors.js';

/** The package that brings each program that the backend calls. */
const PACKAGES = { ip: 'iproute2', nft: 'nftables' } as const;

const TIMEOUT_MS = 10_000;

/** How a program ended, if it could be started. */
export interface ProgramRun {
  readonly ok: boolean;
  readonly stdout: string;
  /** The first line of what it complained of. */
  readonly said: string;
}

/**
 * Runs a program to its end; whether it succeeds is the caller's to judge.
 * @throws LbError LB_BACKEND_PROGRAM when it can't be started
 */
export function tryProgram(program: keyof typeof PACKAGES, args: readonly string[], input = ''): ProgramRun {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
    // An ordinary path often lacks the folders of administration programs.
    env: { ...process.env, PATH: [process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter) },
  });
  if (error !== undefined) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const hint = missing ? `install the package ${PACKAGES[program]}` : undefined;
    throw backendError('LB_BACKEND_PROGRAM', `cannot run ${program}: ${missing ? 'not found' : error.message}`, hint);
  }
  return { ok: status === 0, stdout, said: stderr.trim().split('\n')[0] ?? '' };
}

/**
 * Runs a program that has to succeed; gives what it printed.
 * @throws LbError LB_BACKEND_PROGRAM
 */
export function runProgram(program: keyof typeof PACKAGES, args: readonly string[], input = ''): string {
  const { ok, stdout, said } = tryProgram(program, args, input);
  if (!ok) throw backendError('LB_BACKEND_PROGRAM', `${program} ${args.join(' ')}: ${said}`);
  return stdout;
}
