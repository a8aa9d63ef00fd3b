import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  stringify,
  type YAMLError,
} from 'yaml';
import { compactConfig } from './compact.js';
import { ConfigError, type Problem } from './errors.js';
import { printable } from './field.js';
import { documentProblem, type Finding } from './finding.js';
import type { Config } from './schema.js';
import { type Accepted, checkDocument } from './validate.js';

/**
 * Reads a configuration from YAML 1.2 (JSON is a part of it).
 * @param file name for messages
 * @throws ConfigError; every problem carries path, line and column.
 */
export function parseYamlConfig(text: string, file?: string): Accepted {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, logLevel: 'error' });
  const at = (offset: number): Pick<Problem, 'file' | 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return { ...(file === undefined ? {} : { file }), line: Math.max(line, 1), column: Math.max(col, 1) };
  };

  const syntax = [...document.errors, ...document.warnings].map(
    (error): Problem => ({ code: 'LB_CFG_YAML', message: syntaxMessage(error), ...at(error.pos[0]) }),
  );
  throwIfAny(syntax);
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    const hint = 'write {} for the configuration without VIPs';
    throw new ConfigError([{ code: 'LB_CFG_EMPTY', message: 'the document is empty', hint, ...at(0) }]);
  }

  const place = (found: Finding): Problem => ({ ...documentProblem(found), ...at(offsetOf(document, found)) });
  const { config, errors, warnings } = checkDocument(plainValue(document, at(0)));
  throwIfAny(errors.map(place));
  return { config: config as Config, warnings: inTextOrder(warnings.map(place)) };
}

/** Writes a configuration as YAML: encap and newLen of every VIP, and whatever differs from its default. */
export function formatYamlConfig(config: Config): string {
  return stringify(compactConfig(config), { lineWidth: 120 });
}

/** The document as plain values; aliases may multiply it a hundredfold at most. */
function plainValue(document: Document, start: Pick<Problem, 'file' | 'line' | 'column'>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const message = firstLine(error instanceof Error ? error.message : String(error));
    throw new ConfigError([{ code: 'LB_CFG_YAML', message, ...start }]);
  }
}

/**
 * Where the text has what a path names: the value; the key, if it is the key that is wrong or the value is missing
 * altogether; else the nearest thing around it.
 */
function offsetOf(document: Document, { code, path }: Finding): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    const inside = isAlias(node) ? node.resolve(document) : node;
    offset = startOf(node) ?? offset;
    if (isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(inside)) {
      node = inside.items[key as number];
    }
  }
  return code === 'LB_CFG_UNKNOWN_KEY' ? offset : (startOf(node) ?? offset);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

function throwIfAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ConfigError(inTextOrder(problems) as [Problem, ...Problem[]]);
}

function inTextOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function syntaxMessage({ code, message }: YAMLError): string {
  return code === 'MULTIPLE_DOCS' ? 'a second document begins here: only one is accepted' : firstLine(message);
}

function firstLine(message: string): string {
  return printable(message.split('\n', 1)[0]!, 200);
}
