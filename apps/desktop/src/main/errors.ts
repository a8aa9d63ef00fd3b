import { LbError } from '@lb/core';

/** Every code of the desktop app's main process, with what it means. Codes are stable. */
export const APP_ERRORS = {
  LB_APP_SENDER: 'A page that is not the app asked for something.',
  LB_APP_CHANNEL: 'Something was asked for that the app does not know.',
  LB_APP_INPUT: 'What was asked for lacks something, or has something that is not understood.',
  LB_APP_OUTPUT: 'An answer is not of the form that was promised; this is a bug.',
  LB_APP_DAEMON: 'No daemon of this id is known, or it cannot be removed.',
  LB_APP_FILE: 'A file cannot be read or written, or is too large.',
} as const;

export type AppErrorCode = keyof typeof APP_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function appError(code: AppErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}
