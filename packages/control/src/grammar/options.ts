import { FIELDS } from '../fields.js';
import type { VipConfig } from '../schema.js';
import type { ConfSettings } from './command.js';
import type { LineReader } from './line-reader.js';
import type { Token } from './tokenize.js';
import { FLAG_WORDS, type FlagWord, VALUE_WORDS, type ValueWord } from './words.js';

/** Everything that words with and without values can say, by field name. */
export type Options = ConfSettings &
  Partial<Omit<VipConfig, 'prefix' | 'ass' | 'check' | 'srcIpSticky'>> & {
    weight?: number;
    rampSeconds?: number;
    deadline?: number;
    srcIpSticky?: true;
    enable?: true;
    drain?: true;
    disable?: true;
    del?: true;
    flush?: true;
  };

/**
 * Reads the rest of a line: words of `allowed` in any order, none twice. A word that is none of them goes to `other`,
 * which returns whether it took it.
 * @param placeholder what else may stand there, for the message
 */
export function readOptions(
  reader: LineReader,
  allowed: readonly (ValueWord | FlagWord)[],
  other?: { readonly placeholder: string; take(token: Token): boolean },
): Options {
  const options: Record<string, unknown> = {};
  for (let token = reader.peek(); token !== undefined; token = reader.peek()) {
    const word = allowed.find((candidate) => candidate === token.text);
    if (word === undefined) {
      if (other?.take(token)) continue;
      reader.failWord(token, [...(other === undefined ? [] : [other.placeholder]), ...allowed]);
    }
    const field = fieldOfWord(word);
    if (reader.isMarked(field)) reader.fail('LB_CFG_WORD_TWICE', token.column, `'${word}' is given twice`);
    reader.skip();
    if (word in VALUE_WORDS) {
      options[field] = reader.takeValue(FIELDS[VALUE_WORDS[word as ValueWord]], field, word);
    } else {
      options[field] = true;
      reader.mark(field, token);
    }
  }
  return options;
}

/** The field that a word sets. */
export function fieldOfWord(word: ValueWord | FlagWord): string {
  return word in VALUE_WORDS ? VALUE_WORDS[word as ValueWord] : FLAG_WORDS[word as FlagWord];
}
