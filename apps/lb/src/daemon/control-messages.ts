/** What goes over the control socket, as JSON in HTTP/1.1. */

/** `POST /exec`. */
export interface ExecRequest {
  /** In the grammar, one command each; all are applied or none. */
  readonly lines: readonly string[];
}

export interface ExecAnswer {
  /** Text of the `show` lines, in their order. */
  readonly output: string;
  /** The same as data, one element for each `show` line. */
  readonly json: readonly unknown[];
  readonly warnings: readonly MessageProblem[];
}

/** Something wrong or odd. */
export interface MessageProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Of a command line, from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** The body of every answer with a status from 400. `problems` has all there are, the first included. */
export interface ErrorAnswer {
  readonly error: MessageProblem & { readonly problems: readonly MessageProblem[] };
}
