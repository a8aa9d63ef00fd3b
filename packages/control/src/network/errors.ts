import { LbError } from '@lb/core';

/** Every code this folder can throw or report, with what it means. The codes are stable. */
export const NETWORK_ERRORS = {
  LB_NET_IPROUTE2: 'The program `ip` of iproute2, which tells links, routes and neighbours, cannot be run.',
  LB_NET_IP_FAILED: 'The program `ip` ended with an error or took too long.',
  LB_NET_IP_OUTPUT: 'The program `ip` printed something other than the JSON of iproute2.',
  LB_NET_MONITOR: 'The program `ip monitor` ended; it is started again.',
} as const;

export type NetworkErrorCode = keyof typeof NETWORK_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function networkError(code: NetworkErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}
