import { createInterface } from 'node:readline/promises';
import { cliError } from '../errors.js';

/** The part of standard input that is needed to ask. */
export type Answers = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * Has a person agree to a change; where nobody sits at a terminal, who started the program has agreed.
 * @throws LbError LB_CLI_DECLINED
 */
export async function confirm(
  question: string,
  input: Answers = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<void> {
  if (input.isTTY !== true) return;
  const terminal = createInterface({ input, output });
  // Ctrl-C and Ctrl-D end the terminal without an answer.
  const left = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), left]);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw cliError('LB_CLI_DECLINED', 'nothing was changed');
}
