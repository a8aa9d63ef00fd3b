import { colorsFor, type TextOutput } from '../streams.js';
import type { Display } from './display.js';
import { type KeyInput, LiveTerminal } from './live-terminal.js';
import { renderView, type ViewModel } from './view.js';

/** The live view on a terminal. */
export class LiveDisplay implements Display {
  readonly intervalMs = 500;
  private readonly terminal: LiveTerminal;
  private readonly colors: ReturnType<typeof colorsFor>;
  private last: ViewModel | undefined;

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

  show(model: ViewModel): void {
    this.last = model;
    this.redraw();
  }

  end(): void {
    process.off('SIGWINCH', this.redraw);
    process.off('exit', this.leave);
    this.leave();
  }

  private readonly leave = (): void => this.terminal.end();

  private readonly redraw = (): void => {
    if (this.last !== undefined) this.terminal.draw(renderView(this.last, this.terminal.size, this.colors));
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
