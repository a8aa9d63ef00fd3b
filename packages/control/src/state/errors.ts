import { LbError } from '@lb/core';

/** Every code of the desired state and its files, with what it means. The codes are stable. */
export const STATE_ERRORS = {
  LB_STATE_CONFLICT: 'The configuration has changed since the revision that a change is based on.',
  LB_STATE_NO_REVISION: 'There is no revision of that number, or it is not kept any more.',
  LB_STATE_DISK: 'The disk is full, read-only or failing: what should be stored is not, and the state is as before.',
  LB_STATE_DAMAGED: 'A file of the state is not as it was written: it is set aside and not used.',
  LB_STATE_FORMAT: 'A file of the state has a format that only a newer version of the program knows.',
  LB_STATE_CONFIG: 'A stored configuration is whole, but this version of the program does not accept it.',
  LB_STATE_DIR: 'The folder of the state cannot be made, read or trusted.',
  LB_STATE_LOCKED: 'Another daemon uses the folder of the state.',
  LB_STATE_LOCK: 'The folder of the state cannot be locked against a second daemon.',
  LB_STATE_CLOSED: 'The state is closed: the daemon is about to end.',
} as const;

export type StateErrorCode = keyof typeof STATE_ERRORS;

/** What is wrong with the state, or with a change to it. Nothing has changed then. */
export class StateError extends LbError {
  override readonly code: StateErrorCode;
  /** With LB_STATE_CONFLICT: the current revision. */
  declare readonly current?: number;

  constructor(code: StateErrorCode, message: string, hint?: string, current?: number) {
    super(code, message, hint);
    this.name = 'StateError';
    this.code = code;
    if (current !== undefined) this.current = current;
  }
}

/** Something found wrong that did not keep the state from being used. */
export interface StateFinding {
  readonly code: StateErrorCode;
  readonly message: string;
  /** Where the file is now. */
  readonly path: string;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  EROFS: 'the disk is mounted read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'something else has that name',
};

/** Why the system refused something, for a message. */
export function systemReason(error: unknown): string {
  return REASONS[systemCode(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** The system's name of an error, such as ENOSPC; empty for other errors. */
export function systemCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

/** The error for a file that could not be stored. */
export function diskError(path: string, cause: unknown): StateError {
  const hint = 'nothing has changed; make room or repair the disk, then repeat it';
  return new StateError('LB_STATE_DISK', `cannot write ${path}: ${systemReason(cause)}`, hint);
}
