import { acceptsText, type Field, type Problem } from '@lb/control';
import { formatCount } from '../ui/index.js';

/** What stands in a form: text as typed; flags as `true` or empty. */
export type FormValues = Readonly<Record<string, string>>;

/** The value for the model; undefined for an empty field, the text itself where it is no number and has to be refused. */
export function modelValue(field: Field, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (field.kind === 'flag') return trimmed === 'true';
  if (field.kind === 'number' && /^-?\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  return trimmed;
}

/** The text of a value of the model. */
export function formText(value: unknown): string {
  return value === undefined || value === null || value === false ? '' : String(value);
}

/** For a field without an error: what it accepts. */
export function helpOf(field: Field): string {
  if (field.kind === 'choice' || field.kind === 'flag') return '';
  if (field.kind !== 'number') return acceptsText(field);
  const range = `${formatCount(field.min)} to ${formatCount(field.max)}`;
  return field.of === 'powerOfTwo' ? `a power of two, ${range}` : range;
}

/** Problems of a form by field; what belongs to none is under the empty name. */
export type FormErrors = ReadonlyMap<string, string>;

/** @param fieldOf the name of the field that a problem belongs to; undefined for none */
export function errorsOf(problems: readonly Problem[], fieldOf: (problem: Problem) => string | undefined): FormErrors {
  const errors = new Map<string, string>();
  for (const problem of problems) {
    const name = fieldOf(problem) ?? '';
    if (errors.has(name)) continue;
    const hint = problem.hint === undefined ? '' : `; ${problem.hint}`;
    errors.set(name, problem.message.replace(/^vips\[\d+\]\./, '') + hint);
  }
  return errors;
}
