import type { TextOutput } from '../streams.js';
import type { ViewSize } from './view.js';

/** The part of standard input that is needed to read keys. */
export interface KeyInput {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  off(event: 'data', listener: (bytes: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface LiveTerminalOptions {
  readonly output: TextOutput;
  readonly input: KeyInput;
  /** `q` or Ctrl-C. */
  readonly onQuit: () => void;
  /** Ctrl-Z, which a terminal in raw mode does not turn into a signal. */
  readonly onSuspend: () => void;
}

const CSI = '\x1b[';
const ENTER = `${CSI}?1049h${CSI}?25l`;
const LEAVE = `${CSI}?25h${CSI}?1049l`;
/** Terminals that know synchronized output show a frame only when it is complete; others ignore this. */
const BEGIN_FRAME = `${CSI}?2026h`;
const END_FRAME = `${CSI}?2026l`;
/** Ctrl-C, q, Q. */
const QUIT_KEYS = [0x03, 0x71, 0x51];
const CTRL_Z = 0x1a;

/**
 * A full-screen view on a terminal's alternate screen: what was there before is back when it ends.
 *
 * | state  | entered by         | terminal                               |
 * | ------ | ------------------ | -------------------------------------- |
 * | off    | constructor, end() | as the shell left it                   |
 * | on     | begin()            | alternate screen, no cursor, raw input |
 */
export class LiveTerminal {
  private on = false;
  private readonly raw: boolean;

  constructor(private readonly options: LiveTerminalOptions) {
    this.raw = options.input.isTTY === true && options.input.setRawMode !== undefined;
  }

  get size(): ViewSize {
    // A terminal that does not know its size says 0.
    return { columns: this.options.output.columns || 80, rows: this.options.output.rows || 24 };
  }

  begin(): void {
    if (this.on) return;
    this.on = true;
    const { input, output } = this.options;
    if (this.raw) {
      input.setRawMode?.(true);
      input.on('data', this.onKeys);
      input.resume();
    }
    output.write(ENTER);
  }

  /** Gives the terminal back. Repeating it does nothing. */
  end(): void {
    if (!this.on) return;
    this.on = false;
    const { input, output } = this.options;
    if (this.raw) {
      input.off('data', this.onKeys);
      input.setRawMode?.(false);
      input.pause();
    }
    output.write(LEAVE);
  }

  /** Draws over the last frame in place: nothing is cleared first, so nothing flickers. */
  draw(lines: readonly string[]): void {
    if (!this.on) return;
    const body = lines.map((line) => `${line}${CSI}K`).join('\r\n');
    this.options.output.write(`${BEGIN_FRAME}${CSI}H${body}${CSI}J${END_FRAME}`);
  }

  private readonly onKeys = (bytes: Buffer): void => {
    for (const byte of bytes) {
      if (QUIT_KEYS.includes(byte)) this.options.onQuit();
      else if (byte === CTRL_Z) this.options.onSuspend();
    }
  };
}
