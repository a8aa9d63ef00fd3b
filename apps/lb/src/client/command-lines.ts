import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ConfigError, type Problem } from '@lb/control';
import { cliError } from '../errors.js';

/** Command lines, and what they are called in messages. */
export interface CommandLines {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Reads a file of command lines; `-` is standard input. @throws LbError LB_CLI_USAGE */
export async function readCommandLines(file: string): Promise<CommandLines> {
  let text: string;
  try {
    text = file === '-' ? readFileSync(0, 'utf8') : await readFile(file, 'utf8');
  } catch (error) {
    throw cliError('LB_CLI_USAGE', `cannot read ${file}: ${(error as Error).message}`);
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  return { name: file === '-' ? 'standard input' : file, lines };
}

interface Place {
  readonly line?: number;
  readonly column?: number;
}

/** The error that `work` throws, with other places of its problems. */
export async function placing<T>(place: (problem: Problem) => Problem, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.problems.map(place) as [Problem, ...Problem[]]);
  }
}

/** In one line on a command line there is no place to point to. */
export function withoutPlace<P extends Place>(problem: P): Omit<P, keyof Place> {
  const { line: _, column: __, ...rest } = problem;
  return rest;
}
