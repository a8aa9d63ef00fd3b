import type { Server } from 'node:http';
import { join } from 'node:path';
import { errorText } from '@lb/control';
import { Api, AuditLog, type ListenerOptions, TokenStore } from '@lb/control/api';
import { LbError } from '@lb/core';
import { version } from '../version.js';
import { clearPath, isPipe, listenOnSocket } from './control-socket.js';
import type { Daemon } from './daemon.js';
import type { Log } from './log.js';
import { SocketWatch } from './socket-watch.js';
import { listenOnDescriptor, socketFromSystemd } from './systemd-socket.js';

export interface ServedApiOptions {
  /** Path of the control socket. */
  readonly socket: string;
  /** Whether the daemon does without its control socket when it cannot be made. */
  readonly socketOptional: boolean;
  readonly listeners: readonly ListenerOptions[];
  readonly stateDir?: string;
  readonly log: Log;
}

/** The API, on its Unix socket and wherever else it is wanted. */
export interface ServedApi {
  /** Of the TCP listeners, with the port that port 0 has become. */
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves the API of a daemon that may not be ready yet: requests wait for it.
 * @throws LbError LB_DAEMON_SOCKET, LB_DAEMON_SOCKET_LIVE, LB_API_*
 */
export async function openApi(options: ServedApiOptions, daemon: Promise<Daemon>): Promise<ServedApi> {
  const { stateDir, log, listeners } = options;
  const api = await Api.create(daemon, {
    log,
    version: version(),
    tokens: TokenStore.open(stateDir && join(stateDir, 'tokens.json')),
    ...(stateDir !== undefined && { audit: new AuditLog(join(stateDir, 'audit.jsonl')) }),
  });
  let watch: SocketWatch | undefined;
  try {
    watch = await openSocket(api, options, daemon);
    const urls: string[] = [];
    for (const listener of listeners) {
      const port = await api.listen(listener);
      const host = listener.address.replace(/:\d+$/, '');
      urls.push(`${listener.tls === undefined ? 'http' : 'https'}://${host}:${port}`);
    }
    const close = (): Promise<void> => {
      watch?.stop();
      return api.close();
    };
    return { urls, close };
  } catch (error) {
    watch?.stop();
    await api.close();
    throw error;
  }
}

async function openSocket(
  api: Api,
  { socket, socketOptional, log }: ServedApiOptions,
  daemon: Promise<Daemon>,
): Promise<SocketWatch | undefined> {
  try {
    const handed = socketFromSystemd(process.env);
    if (handed !== undefined) {
      await listenOnDescriptor(api.unixServer(), handed);
      return undefined;
    }
    const server = api.unixServer();
    await listenOnSocket(server, socket);
    return isPipe(socket) ? undefined : watchSocket(api, server, { socket, log }, daemon);
  } catch (error) {
    if (!socketOptional || !(error instanceof LbError)) throw error;
    log.warn({ code: error.code }, `commands do not reach this daemon: ${errorText(error)}`);
    return undefined;
  }
}

function watchSocket(
  api: Api,
  first: Server,
  { socket, log }: Pick<ServedApiOptions, 'socket' | 'log'>,
  daemon: Promise<Daemon>,
): SocketWatch {
  let server = first;
  return new SocketWatch({
    path: socket,
    remake: async () => {
      // First, as closing the old one removes whatever is at the path by then.
      await clearPath(socket);
      server.close();
      server = api.unixServer();
      await listenOnSocket(server, socket);
    },
    tell: (level, code, text) => {
      log[level]({ code }, text);
      daemon.then(
        ({ events }) => events.add({ type: 'notice', level, code, text }),
        () => undefined,
      );
    },
  });
}
