import type { ConfigCode, Problem } from './errors.js';
import { printable } from './field.js';

/** A place in the model: keys and list positions from the root (or from the VIP, for rules about one VIP). */
export type Path = readonly (string | number)[];

/**
 * What a rule found, before it is known whether the configuration came as a document or as command lines: `says`
 * goes on after the name of the field, which each form spells its own way.
 */
export interface Finding {
  readonly code: ConfigCode;
  readonly path: Path;
  readonly says: string;
  readonly hint?: string;
}

export function finding(code: ConfigCode, path: Path, says: string, hint?: string): Finding {
  return hint === undefined ? { code, path, says } : { code, path, says, hint };
}

/** The same finding with its path seen from the root. */
export function below(root: Path, found: Finding): Finding {
  return { ...found, path: [...root, ...found.path] };
}

/** `vips[2].ass[0].weight`; the empty path is `the document`. */
export function formatPath(path: Path): string {
  if (path.length === 0) return 'the document';
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${printable(key)}`))
    .join('');
}

/** The problem as a reader of the document understands it. */
export function documentProblem({ code, path, says, hint }: Finding): Problem {
  const where = formatPath(path);
  return { code, message: `${where} ${says}`, path: where, ...(hint === undefined ? {} : { hint }) };
}
