import type { TextOutput } from '../streams.js';
import type { Display } from './display.js';
import { LiveScreen } from './live-screen.js';
import type { KeyInput } from './live-terminal.js';
import { renderView, type ViewModel } from './view.js';

/** The live view on a terminal. */
export class LiveDisplay implements Display {
  readonly intervalMs = 500;
  private readonly screen: LiveScreen;

  constructor(output: TextOutput, input: KeyInput, onQuit: () => void) {
    this.screen = new LiveScreen(output, input, onQuit);
  }

  begin(): void {
    this.screen.begin();
  }

  show(model: ViewModel): void {
    this.screen.show((size, colors) => renderView(model, size, colors));
  }

  end(): void {
    this.screen.end();
  }
}
