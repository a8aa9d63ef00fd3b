import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { daemonError } from './errors.js';

/** Longest path of a Unix socket (sun_path with its end), in bytes. */
const MAX_PATH_BYTES = 107;
const ANSWER_MS = 2000;

/**
 * Makes a server listen on a Unix socket that only this user may use. A socket that a dead daemon left is replaced.
 * @throws LbError LB_DAEMON_SOCKET_LIVE, LB_DAEMON_SOCKET
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (!isPipe(path)) {
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      throw socketError(path, `the path may have ${MAX_PATH_BYTES} bytes, and has ${Buffer.byteLength(path)}`);
    }
    await clearPath(path);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? liveError(path) : socketError(path, error.message));
    });
    // The file is made inside this call: it never has another mode.
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.removeAllListeners('error');
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

/** A named pipe of Windows, which is no file. */
export function isPipe(path: string): boolean {
  return path.startsWith('\\\\');
}

/** Makes the folder of a socket, and removes the socket of a daemon that is no more. @throws as {@link listenOnSocket} */
export async function clearPath(path: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw socketError(path, (error as Error).message);
  }
  await removeStale(path);
}

async function removeStale(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) {
    throw daemonError('LB_DAEMON_SOCKET', `${path} is there already and is no socket`, 'remove it, or give --socket');
  }
  if (await answers(path)) throw liveError(path);
  unlinkSync(path);
}

/** Whether a program listens there. One that is too busy to accept does. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const settle = (then: () => void) => {
      socket.destroy();
      then();
    };
    socket.setTimeout(ANSWER_MS, () => settle(() => resolve(true)));
    socket.once('connect', () => settle(() => resolve(true)));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') settle(() => resolve(false));
      else if (error.code === 'EAGAIN') settle(() => resolve(true));
      else settle(() => reject(socketError(path, error.message)));
    });
  });
}

function socketError(path: string, why: string): Error {
  return daemonError(
    'LB_DAEMON_SOCKET',
    `cannot make the control socket ${path}: ${why}`,
    'give another with --socket',
  );
}

function liveError(path: string): Error {
  const hint = 'stop it, or give another socket with --socket';
  return daemonError('LB_DAEMON_SOCKET_LIVE', `another daemon answers on ${path}`, hint);
}
