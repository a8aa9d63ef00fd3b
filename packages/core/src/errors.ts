/**
 * The error every package throws for a mistake of the user or of the input (never for a bug).
 * `code` is stable and documented; `message` names the field, the value and what would be accepted;
 * `hint`, when present, says what to do next.
 */
export class LbError extends Error {
  readonly code: string;
  // Declared only: a class field would make `hint: undefined` an own property.
  declare readonly hint?: string;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.name = 'LbError';
    this.code = code;
    if (hint !== undefined) this.hint = hint;
  }
}

/** Every code this package can throw, with what it means. */
export const CORE_ERRORS = {
  LB_ADDR_INVALID: 'The text is not an IPv4 address in dotted decimal or an IPv6 address.',
  LB_PREFIX_INVALID: 'The text is not an address with an optional prefix length that fits its family.',
  LB_TABLE_NEW_LEN: 'The number of buckets is not a power of two from 1 to 16777216.',
  LB_TABLE_WEIGHT: 'A weight is not an integer of at least 0, or the weights add up to more than 2^52.',
  LB_TABLE_DUPLICATE_AS: 'One application server is named twice in the same table.',
  LB_TABLE_LENGTH: 'A table that should be compared has a number of buckets that is no power of two.',
  LB_LPM_VALUE: 'A prefix table value is not an integer from 0 to 16777215.',
  LB_LPM_FAMILY: 'A prefix of one address family was given to the table of the other.',
  LB_LPM_DUPLICATE_PREFIX: 'One prefix is named twice in the same table.',
  LB_LPM_SIZE: 'The prefixes need a larger table than one index can address.',
  LB_FLOW_TABLE_LINES: 'The number of flow table lines is not a power of two from 1 to 16777216.',
  LB_FLOW_TABLE_MEMORY: 'The memory given to a flow table does not have 64 bytes for each line.',
} as const;

export type CoreErrorCode = keyof typeof CORE_ERRORS;
