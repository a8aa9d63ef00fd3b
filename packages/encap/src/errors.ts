/** Every error this package throws: stable code and what the message says before the offending value. */
export const ENCAP_ERRORS = {
  LB_ENC_ADDRESS_BYTES: 'an address has the wrong number of bytes',
  LB_ENC_INNER_FAMILY: 'the inner family is neither 4 nor 6',
} as const;

export type EncapErrorCode = keyof typeof ENCAP_ERRORS;

/** Thrown by the functions that prepare templates; the ones that touch packets never throw. */
export class EncapError extends Error {
  constructor(
    readonly code: EncapErrorCode,
    detail: string,
  ) {
    super(`${code}: ${ENCAP_ERRORS[code]}: ${detail}`);
    this.name = 'EncapError';
  }
}
