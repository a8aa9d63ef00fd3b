import { LbError } from '@lb/core';
import type { ConfigErrorCode } from './errors.js';
import { didYouMean } from './nearest.js';

/*
 * Kinds of fields. The tables of fields (fields.ts, check-fields.ts) say once what each accepts: the schema of the
 * document, the command grammar and the messages all read it there.
 */

export interface NumberField {
  readonly kind: 'number';
  readonly code: ConfigErrorCode;
  readonly min: number;
  readonly max: number;
  /** What the number must be beside in range. */
  readonly of: 'whole' | 'powerOfTwo' | 'any';
  /** As forms show it behind the number: `s`, `%`. */
  readonly unit?: string;
}

export interface ChoiceField<T extends string = string> {
  readonly kind: 'choice';
  readonly code: ConfigErrorCode;
  readonly choices: readonly [T, ...T[]];
}

export interface FlagField {
  readonly kind: 'flag';
  readonly code: ConfigErrorCode;
}

export interface TextField {
  readonly kind: 'text';
  readonly code: ConfigErrorCode;
  readonly accepts: string;
  /** The text in the one form the model keeps; throws LbError when it is not acceptable. */
  readonly canonical: (text: string) => string;
}

export type Field = NumberField | ChoiceField | FlagField | TextField;

export function number(
  code: ConfigErrorCode,
  min: number,
  max: number,
  { of = 'whole', unit }: Partial<Pick<NumberField, 'of' | 'unit'>> = {},
): NumberField {
  return { kind: 'number', code, min, max, of, ...(unit === undefined ? {} : { unit }) };
}

export function choice<const T extends string>(code: ConfigErrorCode, ...choices: [T, ...T[]]): ChoiceField<T> {
  return { kind: 'choice', code, choices };
}

export function flag(code: ConfigErrorCode): FlagField {
  return { kind: 'flag', code };
}

export function text(code: ConfigErrorCode, accepts: string, canonical: (text: string) => string): TextField {
  return { kind: 'text', code, accepts, canonical };
}

const KINDS_OF_NUMBER = { whole: 'a whole number', powerOfTwo: 'a power of two', any: 'a number' } as const;

/** What the field accepts, to stand after "must be". */
export function acceptsText(field: Field): string {
  switch (field.kind) {
    case 'number':
      return `${KINDS_OF_NUMBER[field.of]} from ${field.min} to ${field.max}`;
    case 'choice':
      return field.choices.length === 2 ? field.choices.join(' or ') : `one of ${field.choices.join(', ')}`;
    case 'flag':
      return 'true or false';
    case 'text':
      return field.accepts;
  }
}

/** Whether a number is one that the field accepts. */
export function acceptsNumber(field: NumberField, value: number): boolean {
  if (!(value >= field.min && value <= field.max)) return false;
  return field.of === 'any' || Number.isInteger(field.of === 'powerOfTwo' ? Math.log2(value) : value);
}

/** Text of any origin, fit for one line of a terminal: short, and without characters that would move the cursor. */
export function printable(text: string, maxLength = 60): string {
  const short = text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
  return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** A value for a message: quoted text, plain numbers, the kind of anything larger. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return `'${printable(value)}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return String(value);
}

/** Why a text is not acceptable, where the parser of the field knows more than what it accepts. */
export function reasonOf(field: Field, value: unknown): string | undefined {
  if (field.kind === 'choice') return typeof value === 'string' ? didYouMean(value, field.choices) : undefined;
  if (field.kind === 'number' && typeof value === 'string' && /^\d+$/.test(value))
    return 'write the number without quotes';
  if (field.kind !== 'text') return undefined;
  if (typeof value === 'number') return `write it in quotes: '${value}'`;
  if (typeof value !== 'string') return undefined;
  try {
    field.canonical(value);
    return undefined;
  } catch (error) {
    return error instanceof LbError ? error.hint : undefined;
  }
}
