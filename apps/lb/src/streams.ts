import pc from 'picocolors';

/** The part of an output stream that commands use. */
export interface TextOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width and height of a terminal. */
  readonly columns?: number;
  readonly rows?: number;
}

/** Where a command writes: results to `stdout`, everything about the run to `stderr`. */
export interface Streams {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
}

export type Colors = ReturnType<typeof pc.createColors>;

/** Colours for text on `output`: none unless it is a terminal that has them (NO_COLOR and FORCE_COLOR are heeded). */
export function colorsFor(output: TextOutput): Colors {
  return pc.createColors(output.isTTY === true && pc.isColorSupported);
}

/** Writes a value as one line of JSON. */
export function writeJson(output: TextOutput, value: unknown): void {
  output.write(`${JSON.stringify(value)}\n`);
}

export function writeLines(output: TextOutput, lines: readonly string[]): void {
  output.write(`${lines.join('\n')}\n`);
}
