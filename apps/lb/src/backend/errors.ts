import { LbError } from '@lb/core';

/** Every code of `lb backend`, with what it means. Codes are stable. */
export const BACKEND_ERRORS = {
  LB_BACKEND_VIP: 'A VIP given to the backend would cut the host off, or there is none.',
  LB_BACKEND_RUNNING: 'Another backend runs in this network namespace.',
  LB_BACKEND_PROGRAM: 'A program that sets up the host is missing, or failed; the message has its words.',
  LB_BACKEND_SETTING: 'A kernel setting could not be read or changed.',
  LB_BACKEND_INTERFACE: 'An interface is missing, or went away while the backend ran.',
} as const;

export type BackendErrorCode = keyof typeof BACKEND_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function backendError(code: BackendErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}
