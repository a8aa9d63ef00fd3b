import type { LineReader } from './line-reader.js';
import { fieldOfWord } from './options.js';
import type { Token } from './tokenize.js';
import type { FlagWord, ValueWord } from './words.js';

/**
 * Takes `no <word>`, which brings a setting back to its default.
 * @param allowed words of settings that may be taken back
 * @param unset gets the field that the word is for
 * @returns false for a word that is not `no`
 */
export function takeNo<Field extends string>(
  reader: LineReader,
  token: Token,
  allowed: readonly (ValueWord | FlagWord | 'check')[],
  unset: Field[],
): boolean {
  if (token.text !== 'no') return false;
  reader.skip();
  const next = reader.peek();
  const word = reader.takeWord(allowed);
  const field = word === 'check' ? word : fieldOfWord(word);
  if (reader.isMarked(field)) reader.fail('LB_CFG_WORD_TWICE', next!.column, `'${word}' is given twice`);
  reader.mark(field, next!);
  unset.push(field as Field);
  return true;
}
