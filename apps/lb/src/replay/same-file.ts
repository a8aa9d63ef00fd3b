import { type BigIntStats, statSync } from 'node:fs';
import { cliError } from '../errors.js';

/**
 * Refuses to write over what is still to be read, by whatever name it goes.
 * @throws LbError LB_CLI_SAME_FILE
 */
export function refuseSameFile(output: string, inputs: readonly string[]): void {
  const target = regularFile(output);
  if (target === undefined) return;
  for (const input of inputs) {
    const source = regularFile(input);
    if (source === undefined || source.dev !== target.dev || source.ino !== target.ino) continue;
    const hint = 'name another file for the output';
    throw cliError('LB_CLI_SAME_FILE', `${output}: the output is the same file as the input ${input}`, hint);
  }
}

/** Undefined for what is not there, and for pipes and devices, which may well be both. */
function regularFile(path: string): BigIntStats | undefined {
  if (path === '-') return undefined;
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats?.isFile() ? stats : undefined;
  } catch {
    // A path that can't be looked at fails with a better message when it is opened.
    return undefined;
  }
}
