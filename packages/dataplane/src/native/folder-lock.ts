import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { nativeError } from './errors.js';

const LOCK_EX_NB = 2 | 4;

/** Held until it is released or the process ends, however it ends. */
export interface FolderLock {
  /** Repeating it does nothing. */
  release(): void;
}

/**
 * Locks a folder against others that lock it: flock(2), which the kernel drops with the process. Linux only.
 * @returns undefined if it is locked already, be it by this process
 * @throws what open(2) fails with; LbError LB_NATIVE_LIBRARY
 */
export function lockFolder(folder: string): FolderLock | undefined {
  let fd = openSync(folder, 'r');
  if (systemFlock()(fd, LOCK_EX_NB) !== 0) {
    closeSync(fd);
    return undefined;
  }
  return {
    release() {
      if (fd >= 0) closeSync(fd);
      fd = -1;
    },
  };
}

function systemFlock(): (fd: number, operation: number) => number {
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    return koffi.load(null).func('int flock(int fd, int operation)');
  } catch (error) {
    throw nativeError('LB_NATIVE_LIBRARY', `system calls: ${error instanceof Error ? error.message : error}`);
  }
}
