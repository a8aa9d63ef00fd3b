import { type Colors, colorsFor, type TextOutput } from '../streams.js';
import { type KeyInput, LiveTerminal } from './live-terminal.js';
import type { ViewSize } from './view.js';

/** Makes the lines of a frame: at most `rows`, none wider than `columns`. */
export type Render = (size: ViewSize, colors: Colors) => string[];

/** A full-screen view that is drawn again when the terminal changes its size, and survives Ctrl-Z. */
export class LiveScreen {
  private readonly terminal: LiveTerminal;
  private readonly colors: Colors;
  private last: Render | undefined;

  constructor(output: TextOutput, input: KeyInput, onQuit: () => void) {
    this.colors = colorsFor(output);
    this.terminal = new LiveTerminal({ output, input, onQuit, onSuspend: () => this.suspend() });
  }

  begin(): void {
    this.terminal.begin();
    process.on('SIGWINCH', this.redraw);
    // Whatever ends the program, the terminal must be as it was.
    process.on('exit', this.leave);
  }

  show(render: Render): void {
    this.last = render;
    this.redraw();
  }

  end(): void {
    process.off('SIGWINCH', this.redraw);
    process.off('exit', this.leave);
    this.leave();
  }

  private readonly leave = (): void => this.terminal.end();

  private readonly redraw = (): void => {
    if (this.last !== undefined) this.terminal.draw(this.last(this.terminal.size, this.colors));
  };

  /** Stops the whole job, as Ctrl-Z would have done, and comes back when it goes on. */
  private suspend(): void {
    if (process.platform === 'win32') return;
    this.terminal.end();
    process.once('SIGCONT', () => {
      this.terminal.begin();
      this.redraw();
    });
    process.kill(0, 'SIGTSTP');
  }
}
