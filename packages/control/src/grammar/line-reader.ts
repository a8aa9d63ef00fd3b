import { ConfigError, type ConfigErrorCode, type Problem } from '../errors.js';
import { acceptsNumber, acceptsText, type Field, reasonOf, showValue } from '../field.js';
import { didYouMean } from '../nearest.js';
import type { Source } from './command.js';
import type { Token } from './tokenize.js';

/** Reads the words of one line from left to right and remembers the column of everything it is given a name for. */
export class LineReader {
  private next = 0;
  private readonly where: Record<string, number> = {};

  constructor(
    private readonly tokens: readonly [Token, ...Token[]],
    private readonly line: number,
    private readonly file: string | undefined,
  ) {}

  /** The next word, not taken; undefined at the end of the line. */
  peek(): Token | undefined {
    return this.tokens[this.next];
  }

  /** Takes the next word, which must be one of `expected`. */
  takeWord<T extends string>(expected: readonly T[]): T {
    const token = this.take(expected.join(', '), expected.length > 1);
    if (!(expected as readonly string[]).includes(token.text)) this.failWord(token, expected);
    return token.text as T;
  }

  /**
   * Takes the next word as a value of the field and notes its column under `name`.
   * @param placeholder what messages call the value: the word before it, or a name in angle brackets
   */
  takeValue<T>(field: Field, name: string, placeholder: string): T {
    const what = placeholder.startsWith('<') ? placeholder : acceptsText(field);
    const token = this.take(what, false);
    const value = this.read(field, token, placeholder);
    this.mark(name, token);
    return value as T;
  }

  /** Takes a word that was seen by {@link peek}. */
  skip(): void {
    this.next++;
  }

  mark(name: string, token: Token): void {
    this.where[name] = token.column;
  }

  isMarked(name: string): boolean {
    return Object.hasOwn(this.where, name);
  }

  /** Column of what was marked with the name. */
  columnOf(name: string): number {
    return this.where[name] ?? this.tokens[0].column;
  }

  /** The line must end here. */
  end(): void {
    const token = this.peek();
    if (token === undefined) return;
    this.fail('LB_CFG_WORD', token.column, `expected the end of the line, got ${showValue(token.text)}`);
  }

  source(): Source {
    const { file, line, where } = this;
    return { ...(file === undefined ? {} : { file }), line, column: this.tokens[0].column, where };
  }

  /** Refuses a word where one of `expected` (words, or placeholders in angle brackets) should stand. */
  failWord(token: Token, expected: readonly string[]): never {
    const wanted = expected.length === 1 ? `'${expected[0]}'` : `one of ${expected.join(', ')}`;
    const words = expected.filter((word) => !word.startsWith('<'));
    const message = `expected ${wanted}, got ${showValue(token.text)}`;
    this.fail('LB_CFG_WORD', token.column, message, didYouMean(token.text, words));
  }

  /** Refuses a line that ends too early. */
  failEnd(message: string, hint?: string, code: ConfigErrorCode = 'LB_CFG_WORD_MISSING'): never {
    const last = this.tokens[this.tokens.length - 1]!;
    this.fail(code, last.column + last.text.length, message, hint);
  }

  fail(code: ConfigErrorCode, column: number, message: string, hint?: string): never {
    const { file, line } = this;
    const problem: Problem = { code, message, line, column };
    throw new ConfigError([
      { ...problem, ...(file === undefined ? {} : { file }), ...(hint === undefined ? {} : { hint }) },
    ]);
  }

  private take(what: string, isOneOf: boolean): Token {
    const token = this.peek();
    if (token !== undefined) {
      this.next++;
      return token;
    }
    const before = this.tokens[this.tokens.length - 1]!.text;
    this.failEnd(`expected ${isOneOf ? 'one of ' : ''}${what} after ${showValue(before)}, but the line ends`);
  }

  private read(field: Field, token: Token, name: string): string | number | boolean {
    const { text } = token;
    if (field.kind === 'number') {
      const written = field.of === 'any' ? /^(0|[1-9]\d{0,9})(\.\d{1,9})?$/ : /^(0|[1-9]\d{0,9})$/;
      if (written.test(text) && acceptsNumber(field, Number(text))) return Number(text);
    } else if (field.kind === 'flag') {
      if (text === 'true' || text === 'false') return text === 'true';
    } else if (field.kind === 'choice') {
      if (field.choices.includes(text)) return text;
    } else if (field.kind === 'text') {
      try {
        return field.canonical(text);
      } catch {
        // Falls through to the one error below.
      }
    }
    const message = `${name.replace(/^<|>$/g, '')} must be ${acceptsText(field)}, got ${showValue(text)}`;
    this.fail(field.code, token.column, message, field.kind === 'number' ? undefined : reasonOf(field, text));
  }
}
