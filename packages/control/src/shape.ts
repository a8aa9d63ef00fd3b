import * as z from 'zod';
import { MAX_PROBLEMS } from './errors.js';
import { acceptsText, printable, reasonOf, showValue } from './field.js';
import { type Finding, finding, type Path } from './finding.js';
import { didYouMean } from './nearest.js';
import { configSchema } from './schema.js';
import { fieldOf } from './schema-fields.js';

/**
 * What zod says about a document, in this product's words and codes; one finding for each place, and no more than
 * anybody reads.
 */
export function shapeFindings(document: unknown, issues: readonly z.core.$ZodIssue[]): Finding[] {
  const seen = new Set<string>();
  const found: Finding[] = [];
  for (const issue of issues) {
    if (found.length >= MAX_PROBLEMS) break;
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    if (issue.code === 'unrecognized_keys') {
      found.push(...issue.keys.slice(0, MAX_PROBLEMS).map((key) => unknownKey(path, key)));
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
  const mapping = schemaAt(parent);
  const known = mapping instanceof z.ZodObject ? Object.keys(mapping.shape) : [];
  const hint = didYouMean(key, known) ?? `known here: ${known.join(', ')}`;
  return finding('LB_CFG_UNKNOWN_KEY', [...parent, key], 'is not a known key', hint);
}

function valueFinding(document: unknown, path: Path): Finding {
  const value = valueAt(document, path);
  const schema = schemaAt(path);
  const field = schema && fieldOf(schema);
  if (field === undefined) return shapeFinding(path, value, schema instanceof z.ZodArray);
  const must = `must be ${acceptsText(field)}`;
  if (value === undefined) return finding('LB_CFG_MISSING_KEY', path, `is missing: it ${must}`);
  return finding(field.code, path, `${must}, got ${showValue(value)}`, reasonOf(field, value));
}

function shapeFinding(path: Path, value: unknown, isList: boolean): Finding {
  const hint =
    path.at(-2) === 'ass' ? `write {address: ${typeof value === 'string' ? printable(value) : '…'}}` : undefined;
  return finding('LB_CFG_SHAPE', path, `must be ${isList ? 'a list' : 'a mapping'}, got ${showValue(value)}`, hint);
}

/** What may stand at a path: a list, a mapping or a field. Undefined where the model has nothing. */
export function schemaAt(path: Path): z.core.$ZodType | undefined {
  return path.reduce<z.core.$ZodType | undefined>((schema, key) => {
    if (schema instanceof z.ZodArray) return bare(schema.element);
    if (schema instanceof z.ZodObject && Object.hasOwn(schema.shape, key)) return bare(schema.shape[key]);
    return undefined;
  }, configSchema);
}

/** The schema without what makes it optional. */
export function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional) {
    return bare(schema.unwrap());
  }
  return schema;
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    document,
  );
}
