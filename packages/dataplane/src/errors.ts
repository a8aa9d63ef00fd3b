import { LbError } from '@lb/core';

/** Codes of the image and the traffic generator, with what they mean. Captures and native queues have tables of their own. */
export const DATAPLANE_ERRORS = {
  LB_IMAGE_SLOTS: 'There are more VIPs or ASs, those with lingering flows included, than an image can hold.',
  LB_IMAGE_LAYOUT: 'The shared memory is no image, or one of another version.',
  LB_TRAFFIC_TARGETS: 'Traffic is to be generated, but not for any VIP.',
  LB_TRAFFIC_FLOWS: 'The number of generated flows is not a whole number from 1 to 2147483647.',
} as const;

export type DataplaneErrorCode = keyof typeof DATAPLANE_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function dataplaneError(code: DataplaneErrorCode, message: string): LbError {
  return new LbError(code, message);
}
