import { CHECK_FIELDS } from '../check-fields.js';
import { checkDefaults } from '../compact.js';
import type { Check } from '../schema.js';
import type { LineReader } from './line-reader.js';
import type { Token } from './tokenize.js';
import { CHECK_WORDS } from './words.js';

/** Takes `check <type>` and the settings that follow it: they reach as far as words of a health check do. */
export function takeCheck(reader: LineReader, token: Token): Check {
  if (reader.isMarked('check')) reader.fail('LB_CFG_WORD_TWICE', token.column, "'check' is given twice");
  reader.skip();
  reader.mark('check', token);
  const type = reader.takeValue<Check['type']>(CHECK_FIELDS.type, 'check.type', 'check');
  const settings: Record<string, unknown> = {};
  for (let next = reader.peek(); next !== undefined && Object.hasOwn(CHECK_WORDS, next.text); next = reader.peek()) {
    const word = next.text as keyof typeof CHECK_WORDS;
    const key = CHECK_WORDS[word];
    if (key in settings) reader.fail('LB_CFG_WORD_TWICE', next.column, `'${word}' is given twice`);
    reader.skip();
    settings[key] = reader.takeValue(CHECK_FIELDS[key], `check.${key}`, word);
  }
  return { ...checkDefaults, type, ...settings };
}
