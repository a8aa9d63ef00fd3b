import type { TextOutput } from '../streams.js';
import type { Display } from './display.js';

/** Nothing but the line that says that the daemon is ready: the rest is in the log and in `lb show`. */
export class QuietDisplay implements Display {
  readonly intervalMs = 60_000;

  constructor(private readonly output: TextOutput) {}

  begin(ready: string): void {
    this.output.write(`${ready}\n`);
  }

  show(): void {}

  end(): void {}
}
