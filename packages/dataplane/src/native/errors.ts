import { LbError } from '@lb/core';

/** Every code this folder can throw, with what it means. The codes are stable. */
export const NATIVE_ERRORS = {
  LB_NATIVE_LIBRARY:
    'The native library, or what it is called through, is missing, of another release, or does not load on this machine.',
  LB_NATIVE_HANDLE: 'A pool, queue or filter was used after it had been closed.',
  LB_NATIVE_ARGUMENT: 'The native library was asked for something that does not exist, such as a ring of odd size.',
  LB_NATIVE_INTERFACE: 'There is no interface of this name.',
  LB_NATIVE_PERMISSION:
    'A capability is missing: run as root, or grant CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF and CAP_PERFMON.',
  LB_NATIVE_BUSY: 'Another program holds the interface, the queue or its XDP hook.',
  LB_NATIVE_UNSUPPORTED: 'The kernel or the driver of the interface cannot do this.',
  LB_NATIVE_MEMORY: 'Out of memory, or over the limit of locked memory.',
  LB_NATIVE_LIMIT: 'A table is full: handles, filter entries or file descriptors.',
  LB_NATIVE_SYSTEM: 'A system call failed for a reason not foreseen; the message names it.',
} as const;

export type NativeErrorCode = keyof typeof NATIVE_ERRORS;

/** By the library's `LBQ_E_*` number minus one. */
const BY_NUMBER: readonly NativeErrorCode[] = [
  'LB_NATIVE_HANDLE',
  'LB_NATIVE_ARGUMENT',
  'LB_NATIVE_INTERFACE',
  'LB_NATIVE_PERMISSION',
  'LB_NATIVE_BUSY',
  'LB_NATIVE_UNSUPPORTED',
  'LB_NATIVE_MEMORY',
  'LB_NATIVE_LIMIT',
  'LB_NATIVE_SYSTEM',
];

/** What the user can do about it, where that is always the same. */
const HINTS: Partial<Record<NativeErrorCode, string>> = {
  LB_NATIVE_PERMISSION: 'run as root, or grant CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF and CAP_PERFMON',
};

/** Makes (does not throw) the error for `code`; the type keeps codes outside the table from compiling. */
export function nativeError(code: NativeErrorCode, message: string, hint?: string): LbError {
  return new LbError(code, message, hint ?? HINTS[code]);
}

/** The code behind a negative result of a native call. */
export function nativeErrorCode(result: number): NativeErrorCode {
  return BY_NUMBER[-result - 1] ?? 'LB_NATIVE_SYSTEM';
}
