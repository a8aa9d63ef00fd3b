import type { Server } from 'node:http';
import { daemonError } from './errors.js';

/** The first descriptor that a service manager hands over, sd_listen_fds(3). */
const FIRST = 3;

/**
 * Descriptor of the control socket, if the service manager has made it (a `.socket` unit) for this process.
 * @throws LbError LB_DAEMON_SOCKET when there are several: only one is needed
 */
export function socketFromSystemd(env: NodeJS.ProcessEnv, pid = process.pid): number | undefined {
  if (Number(env.LISTEN_PID) !== pid) return undefined;
  const count = Number(env.LISTEN_FDS);
  if (count === 1) return FIRST;
  if (!(count > 1)) return undefined;
  const hint = 'the .socket unit needs one ListenStream= line, with the path of the control socket';
  throw daemonError('LB_DAEMON_SOCKET', `the service manager has handed over ${count} sockets`, hint);
}

/** @throws LbError LB_DAEMON_SOCKET when the descriptor is no listening socket */
export async function listenOnDescriptor(server: Server, fd: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(daemonError('LB_DAEMON_SOCKET', `the socket of the service manager cannot be used: ${error.message}`));
    });
    server.listen({ fd }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}
