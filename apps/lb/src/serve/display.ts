import type { ViewModel } from './view.js';

/** Where a running daemon shows what it does. */
export interface Display {
  /** Time between two calls of {@link show}. */
  readonly intervalMs: number;
  /** @param ready one line: the daemon takes packets from now on */
  begin(ready: string): void;
  show(model: ViewModel): void;
  /** Gives the terminal back. Repeating it does nothing. */
  end(): void;
}
