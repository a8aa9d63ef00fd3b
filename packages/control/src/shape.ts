import type * as z from 'zod';
import { acceptsText, FIELDS, type Field, type FieldName, printable, reasonOf, showValue } from './fields.js';
import { type Finding, finding, type Path } from './finding.js';
import { didYouMean } from './nearest.js';
import { asSchema, configSchema, natInterfacesSchema, vipSchema } from './schema.js';

/** What zod says about a document, in this product's words and codes; one finding for each place. */
export function shapeFindings(document: unknown, issues: readonly z.core.$ZodIssue[]): Finding[] {
  const seen = new Set<string>();
  const found: Finding[] = [];
  for (const issue of issues) {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    if (issue.code === 'unrecognized_keys') {
      found.push(...issue.keys.map((key) => unknownKey(path, key)));
      continue;
    }
    const place = JSON.stringify(path);
    if (seen.has(place)) continue;
    seen.add(place);
    found.push(valueFinding(document, path));
  }
  return found;
}

function unknownKey(parent: Path, key: string): Finding {
  const known = knownKeys(parent);
  const hint = didYouMean(key, known) ?? `known here: ${known.join(', ')}`;
  return finding('LB_CFG_UNKNOWN_KEY', [...parent, key], 'is not a known key', hint);
}

/** The keys of the mapping at a path. */
function knownKeys(path: Path): string[] {
  const lists = path.filter((key) => typeof key === 'string');
  const schema =
    lists.length === 0
      ? configSchema
      : lists[0] === 'natInterfaces'
        ? natInterfacesSchema
        : lists.length === 1
          ? vipSchema
          : asSchema;
  return Object.keys(schema.shape);
}

function valueFinding(document: unknown, path: Path): Finding {
  const value = valueAt(document, path);
  const field = fieldAt(path);
  if (field === undefined) return shapeFinding(path, value);
  const must = `must be ${acceptsText(field)}`;
  if (value === undefined) return finding('LB_CFG_MISSING_KEY', path, `is missing: it ${must}`);
  return finding(field.code, path, `${must}, got ${showValue(value)}`, reasonOf(field, value));
}

function shapeFinding(path: Path, value: unknown): Finding {
  const last = path.at(-1);
  const isList = last === 'vips' || last === 'ass' || last === 'nat4' || last === 'nat6';
  const hint =
    path.at(-2) === 'ass' ? `write {address: ${typeof value === 'string' ? printable(value) : '…'}}` : undefined;
  return finding('LB_CFG_SHAPE', path, `must be ${isList ? 'a list' : 'a mapping'}, got ${showValue(value)}`, hint);
}

/** The field whose value stands at a path; undefined for lists and mappings. */
export function fieldAt(path: Path): Field | undefined {
  const last = path.at(-1);
  if (typeof last === 'number') return path[0] === 'natInterfaces' ? FIELDS.interface : undefined;
  return last !== undefined && Object.hasOwn(FIELDS, last) ? FIELDS[last as FieldName] : undefined;
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    document,
  );
}
