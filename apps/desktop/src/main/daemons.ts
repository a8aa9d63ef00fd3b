import { randomUUID } from 'node:crypto';
import { type Endpoint, LbClient } from '@lb/control/client';
import type { Update } from '../shared/contract.js';
import type { DaemonInfo, NewDaemon } from '../shared/daemon-info.js';
import { Connection } from './connection.js';
import type { DaemonBook, KnownDaemon } from './daemon-book.js';
import { appError } from './errors.js';
import type { Secrets } from './secrets.js';

/** The id under which the app's own daemon is known. */
export const EMBEDDED = 'embedded';

const FORGOTTEN = 'its token was not kept, since this system has no key store: remove it and add it again';
const SESSION_ONLY = 'this system has no key store: the token is forgotten when the app ends';

/** All daemons that the app knows, and the connections to them. */
export class Daemons {
  private readonly connections = new Map<string, Connection>();

  constructor(
    private readonly book: DaemonBook,
    private readonly secrets: Secrets,
    private readonly emit: (update: Update) => void,
  ) {}

  /** Connects to those that were added earlier. */
  connectKnown(): void {
    for (const daemon of this.book.list()) {
      const token = daemon.kind === 'tcp' ? daemon.token : '';
      const endpoint = endpointOf({ ...daemon, token: token ?? '-' } as NewDaemon);
      const connection = this.enter(daemon.id, daemon, endpoint, null);
      if (token === undefined) connection.pause(FORGOTTEN);
      else connection.start();
    }
  }

  /** The app's own daemon: whoever runs it says when it is there. */
  addEmbedded(socketPath: string): Connection {
    const client = new LbClient({ socketPath });
    const base = { id: EMBEDDED, name: 'Built in', kind: 'embedded', where: socketPath } as const;
    const connection = new Connection(base, client, this.emit);
    this.connections.set(EMBEDDED, connection);
    return connection;
  }

  /** @throws LbError LB_CLIENT_ENDPOINT */
  add(daemon: NewDaemon): DaemonInfo {
    const id = randomUUID();
    const remark = daemon.kind === 'tcp' && !this.secrets.kept ? SESSION_ONLY : null;
    const connection = this.enter(id, daemon, endpointOf(daemon), remark);
    this.book.add(id, daemon);
    connection.start();
    return connection.info;
  }

  /** @throws LbError LB_APP_DAEMON */
  remove(id: string): void {
    if (id === EMBEDDED) throw appError('LB_APP_DAEMON', 'the built-in daemon cannot be removed');
    this.get(id).close();
    this.connections.delete(id);
    this.book.remove(id);
  }

  list(): DaemonInfo[] {
    return [...this.connections.values()].map(({ info }) => info);
  }

  /** @throws LbError LB_APP_DAEMON */
  get(id: string): Connection {
    const connection = this.connections.get(id);
    if (connection === undefined) throw appError('LB_APP_DAEMON', `there is no daemon '${id}'`);
    return connection;
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close();
    this.connections.clear();
  }

  private enter(id: string, daemon: NewDaemon | KnownDaemon, endpoint: Endpoint, remark: string | null): Connection {
    const client = new LbClient(endpoint);
    const { name, kind } = daemon;
    const where = daemon.kind === 'unix' ? daemon.socketPath : daemon.url;
    const connection = new Connection({ id, name, kind, where }, client, this.emit, remark);
    this.connections.set(id, connection);
    return connection;
  }
}

function endpointOf(daemon: NewDaemon): Endpoint {
  if (daemon.kind === 'unix') return { socketPath: daemon.socketPath };
  const { url, token, ca, fingerprint } = daemon;
  return { url, token, ...(ca !== undefined && { ca }), ...(fingerprint !== undefined && { fingerprint }) };
}
