import type { Problem } from '../errors.js';
import type { Finding, Path } from '../finding.js';
import type { Source } from './command.js';
import { wordOfPath } from './words.js';

/**
 * A finding as the author of a command line understands it: grammar words, and the column of the word that it is
 * about, else of the command. `path` is the place in the model, relative to the VIP for commands about one; without
 * a source the problem has no place.
 */
export function commandProblem(source: Source | undefined, { code, path, says, hint }: Finding): Problem {
  const problem = { code, message: `${wordOfPath(path)} ${says}`, ...(hint === undefined ? {} : { hint }) };
  if (source === undefined) return problem;
  const { file, line } = source;
  return { ...problem, ...(file === undefined ? {} : { file }), line, column: columnOf(source, path) };
}

function columnOf({ where, column }: Source, path: Path): number {
  const [first] = path;
  if (first === 'ass') return where[`ass[${String(path[1])}]`] ?? column;
  if (first === 'check') return where[path.join('.')] ?? where.check ?? column;
  return where[String(path.at(-1))] ?? column;
}
