/** A word of a command line. */
export interface Token {
  readonly text: string;
  /** From 1, in UTF-16 code units, tabs counting one. */
  readonly column: number;
}

/** The words of one line, without its comment. */
export function tokenize(line: string): Token[] {
  const comment = line.indexOf('#');
  const code = comment < 0 ? line : line.slice(0, comment);
  return Array.from(code.matchAll(/\S+/g), (match) => ({ text: match[0], column: match.index + 1 }));
}

/** Lines of a text with any of the usual line ends, without a byte-order mark. */
export function splitLines(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
}
