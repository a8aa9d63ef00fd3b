import { LbError } from '@lb/core';

/** Every code this folder can throw, with what it means. The codes are stable. */
export const CAPTURE_ERRORS = {
  LB_CAP_OPEN: 'The capture cannot be opened: it is missing, a directory, or may not be read.',
  LB_CAP_READ: 'The system reported an error while the capture was being read.',
  LB_CAP_NOT_A_CAPTURE: 'The file, or a later section of it, does not begin as pcap or pcapng does.',
  LB_CAP_COMPRESSED: 'The file is compressed; it must be decompressed first.',
  LB_CAP_VERSION: 'The capture format is known, but this version of it is not.',
  LB_CAP_TRUNCATED: 'The file ends in the middle of a header, record or block.',
  LB_CAP_LINK_TYPE: 'A packet was not recorded on Ethernet, so it has no Ethernet header.',
  LB_CAP_RECORD_TOO_LARGE: 'A packet claims more than 262144 captured bytes, or a block more than 16 MiB.',
  LB_CAP_BLOCK_LENGTH: 'The lengths inside a pcapng block contradict each other.',
  LB_CAP_INTERFACE: 'A pcapng packet names an interface its section has not described, or there are too many.',
  LB_CAP_CREATE: 'The output capture cannot be created.',
  LB_CAP_NO_SPACE: 'The disk or the quota is full; no output file was left behind.',
  LB_CAP_PIPE_CLOSED: 'The program that was reading the output has closed it.',
  LB_CAP_WRITE: 'The system reported an error while the output capture was being written.',
  LB_CAP_CLOSED: 'A packet was written to a capture that is already closed.',
  LB_CAP_TIMESTAMP: 'A time stamp does not fit the output format.',
} as const;

export type CaptureErrorCode = keyof typeof CAPTURE_ERRORS;

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function captureError(code: CaptureErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint);
}

/** The system's name of a failed call's error (`ENOENT`, …), or '' when `error` did not come from a system call. */
export function systemErrorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** The text of any thrown value. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
