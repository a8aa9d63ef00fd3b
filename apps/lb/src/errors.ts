import { LbError } from '@lb/core';

/** Every code of the program itself, with what it means. Codes are stable. */
export const CLI_ERRORS = {
  LB_CLI_USAGE: 'The command line has an unknown word, lacks one, or has a value that an option does not accept.',
  LB_CLI_NO_CONFIG: 'Neither --config nor --exec says what to balance.',
  LB_CLI_SAME_FILE: 'The output of a replay is one of the files it reads.',
  LB_CLI_INTERRUPTED: 'A signal ended the work before its result was complete.',
  LB_CLI_VIP: 'The configuration has no such VIP, or the words given fit several.',
  LB_CLI_AS: 'The VIP has no such application server.',
  LB_CLI_DECLINED: 'A change was shown and not agreed to.',
  LB_CLI_DRAIN: 'A drain that was waited for has been called off.',
  LB_CLI_FLOW: 'The flow to explain is not written as a flow.',
  LB_CLI_NO_TRAFFIC: 'Without a VIP there is nothing that traffic could be generated for.',
  LB_CLI_BUG: 'An error that the program did not expect: please report it.',
} as const;

export type CliErrorCode = keyof typeof CLI_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function cliError(code: CliErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}
