import { createInterface } from 'node:readline/promises';
import { cliError } from '../errors.js';

/** The part of standard input that is needed to ask. */
export type Answers = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * Has a person agree to a change. Where nobody sits at a terminal, nobody has seen the plan: that needs --yes.
 * @throws LbError LB_CLI_DECLINED
 */
export async function confirm(
  question: string,
  input: Answers = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<void> {
  if (input.isTTY !== true) {
    throw cliError('LB_CLI_DECLINED', 'nothing was changed: there is no terminal to ask on', 'give --yes');
  }
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
