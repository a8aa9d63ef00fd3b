import * as z from 'zod';
import {
  acceptsNumber,
  acceptsText,
  type ChoiceField,
  type Field,
  type FlagField,
  type NumberField,
  type TextField,
} from './field.js';

/*
 * Schemas of single fields. Each carries what it is about, what it accepts and its unit into the JSON Schema (as
 * `description`, `x-accepts`, `x-unit`), for descriptions of an API and for forms.
 */

const fields = new WeakMap<z.core.$ZodType, Field>();

/** The field that a schema was made of; undefined for lists and mappings. */
export function fieldOf(schema: z.core.$ZodType): Field | undefined {
  return fields.get(schema);
}

export function number(field: NumberField, about: string) {
  const range = (field.of === 'any' ? z.number() : z.int()).min(field.min).max(field.max);
  const schema =
    field.of === 'powerOfTwo' ? range.refine((value) => acceptsNumber(field, value), { abort: true }) : range;
  return described(schema, field, about);
}

export function choice<T extends string>(field: ChoiceField<T>, about: string) {
  return described(z.enum(field.choices as readonly T[]), field, about);
}

export function flag(field: FlagField, about: string) {
  return described(z.boolean(), field, about);
}

/** Text that the model keeps in canonical form. */
export function text(field: TextField, about: string) {
  const schema = z
    .string()
    .refine((value) => canonicalOrUndefined(field, value) !== undefined, { abort: true })
    .overwrite((value) => canonicalOrUndefined(field, value) ?? value);
  return described(schema, field, about);
}

function described<S extends z.ZodType>(schema: S, field: Field, about: string): S {
  const unit = field.kind === 'number' ? field.unit : undefined;
  const result = schema.meta({
    description: about,
    'x-accepts': acceptsText(field),
    ...(unit === undefined ? {} : { 'x-unit': unit }),
  });
  fields.set(result, field);
  return result;
}

function canonicalOrUndefined(field: TextField, value: string): string | undefined {
  try {
    return field.canonical(value);
  } catch {
    return undefined;
  }
}
