import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { StateError, systemCode, systemReason } from './errors.js';

/** Held until it is released or the process ends, however it ends. */
export interface FolderLock {
  release(): void;
}

/** Flags of open(2), or of libuv on Windows, that take an exclusive lock; Linux has none. */
const EXCLUSIVE: Readonly<Partial<Record<NodeJS.Platform, number>>> = {
  darwin: 0x20,
  freebsd: 0x20,
  openbsd: 0x20,
  win32: 0x10000000,
};

/**
 * Locks a folder against other processes. The kernel drops the lock with the process, so none is ever left over, and no
 * process number has to be guessed at. (Abstract Unix sockets would do the same within one network namespace only.)
 * @throws StateError LB_STATE_LOCKED, LB_STATE_LOCK
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const fd = process.platform === 'linux' ? await openAndFlock(folder) : openExclusively(folder);
  let held = true;
  return {
    release() {
      if (held) fs.closeSync(fd);
      held = false;
    },
  };
}

/**
 * Node.js has no flock(2), but such a lock belongs to the open file, which a child process can share: the program
 * `flock` takes it on the descriptor it inherits and ends, and our descriptor goes on holding it. The folder itself is
 * locked: a lock file could be deleted, and then be locked a second time.
 */
async function openAndFlock(folder: string): Promise<number> {
  const fd = fs.openSync(folder, 'r');
  try {
    const { status, said } = await runFlock(fd);
    if (status === 1 && said === '') throw lockedError(folder);
    if (status !== 0) throw lockError(folder, said || `flock ended with status ${status}`);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

function runFlock(fd: number): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-x', '-n', '3'], { stdio: ['ignore', 'ignore', 'pipe', fd] });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 500);
    });
    child.once('error', (error) => {
      const why = systemCode(error) === 'ENOENT' ? 'there is no such program' : error.message;
      const hint = 'install util-linux (on Debian and Ubuntu: apt-get install util-linux)';
      reject(new StateError('LB_STATE_LOCK', `cannot run 'flock': ${why}`, hint));
    });
    child.once('close', (status) => resolve({ status, said: said.trim() }));
  });
}

function openExclusively(folder: string): number {
  const flag = EXCLUSIVE[process.platform];
  if (flag === undefined) throw lockError(folder, `there is no way to do so on ${process.platform}`);
  const { O_RDWR, O_CREAT, O_NONBLOCK = 0 } = fs.constants;
  try {
    return fs.openSync(path.join(folder, 'lock'), O_RDWR | O_CREAT | O_NONBLOCK | flag, 0o600);
  } catch (error) {
    if (['EAGAIN', 'EWOULDBLOCK', 'EBUSY'].includes(systemCode(error))) throw lockedError(folder);
    throw lockError(folder, systemReason(error));
  }
}

function lockedError(folder: string): StateError {
  const hint = 'stop it, or give another folder with --state';
  return new StateError('LB_STATE_LOCKED', `another daemon uses the state in ${folder}`, hint);
}

function lockError(folder: string, why: string): StateError {
  return new StateError('LB_STATE_LOCK', `cannot lock ${folder}: ${why}`);
}
