import { randomUUID } from 'node:crypto';
import { type Endpoint, LbClient } from '@lb/control/client';
import type { Update } from '../shared/contract.js';
import type { DaemonAnswer, DaemonInfo, NewDaemon } from '../shared/daemon-info.js';
import { authorName } from './author.js';
import { checkDaemon } from './check-daemon.js';
import { Connection, type ConnectionTexts } from './connection.js';
import type { DaemonBook } from './daemon-book.js';
import { appError } from './errors.js';
import type { Secrets } from './secrets.js';
import { SocketFolder } from './socket-folder.js';
import { parseSshDestination } from './ssh-destination.js';
import { SshTunnel } from './ssh-tunnel.js';

/** The id under which the app's own daemon is known, and its name. */
export const EMBEDDED = 'embedded';
const EMBEDDED_NAME = 'Built in';

const FORGOTTEN = 'its token was not kept, since this system has no key store: edit the daemon and give it again';
const SESSION_ONLY = 'this system has no key store: the token is forgotten when the app ends';

interface Entry {
  readonly connection: Connection;
  /** What it was added with; undefined for the app's own. */
  readonly daemon?: NewDaemon;
  readonly tunnel?: SshTunnel;
}

/** All daemons that the app knows, and the connections to them. */
export class Daemons {
  private readonly entries = new Map<string, Entry>();
  private readonly sockets = new SocketFolder();
  /** Tunnels whose daemons are no longer known, until they have ended. */
  private readonly ending = new Set<Promise<void>>();

  constructor(
    private readonly book: DaemonBook,
    private readonly secrets: Secrets,
    private readonly emit: (update: Update) => void,
  ) {}

  /** Connects to those that were added earlier. */
  connectKnown(): void {
    for (const { id, ...daemon } of this.book.list()) this.begin(this.enter(id, daemon));
  }

  /** The app's own daemon: whoever runs it says when it is there. */
  addEmbedded(socketPath: string): Connection {
    const client = new LbClient(socketEndpoint(socketPath));
    const base = { id: EMBEDDED, name: EMBEDDED_NAME, kind: 'embedded', where: socketPath } as const;
    const connection = new Connection(base, client, this.emit);
    this.entries.set(EMBEDDED, { connection });
    return connection;
  }

  /** Connects to a daemon, if what was typed can be one. */
  add(typed: NewDaemon): DaemonAnswer {
    const checked = checkDaemon(typed, { names: this.namesBut(undefined) });
    if (!checked.ok) return { ok: false, problems: [...checked.problems] };
    const id = randomUUID();
    this.book.add(id, checked.daemon);
    return { ok: true, info: this.begin(this.enter(id, checked.daemon)) };
  }

  /** Connects anew with what was typed, if that can be a daemon; whoever watches goes on watching. @throws LbError LB_APP_DAEMON */
  change(id: string, typed: NewDaemon): DaemonAnswer {
    const before = this.added(id);
    const checked = checkDaemon(typed, { names: this.namesBut(id), before });
    if (!checked.ok) return { ok: false, problems: [...checked.problems] };
    this.book.change(id, checked.daemon);
    const { watchedMs } = this.get(id);
    this.leave(id);
    const entry = this.enter(id, checked.daemon);
    if (watchedMs !== undefined) entry.connection.watch(watchedMs);
    return { ok: true, info: this.begin(entry) };
  }

  /** @throws LbError LB_APP_DAEMON */
  remove(id: string): void {
    this.added(id);
    this.book.remove(id);
    this.leave(id);
    this.entries.delete(id);
  }

  list(): DaemonInfo[] {
    return [...this.entries.values()].map(({ connection }) => connection.info);
  }

  /** What a daemon was added with, without its token. @throws LbError LB_APP_DAEMON */
  settings(id: string): NewDaemon {
    const daemon = this.added(id);
    if (daemon.kind !== 'tcp') return daemon;
    const { token: _, ...others } = daemon;
    return others;
  }

  /** @throws LbError LB_APP_DAEMON */
  get(id: string): Connection {
    return this.entry(id).connection;
  }

  /** Resolves when every tunnel has ended, and their sockets are gone. */
  async close(): Promise<void> {
    for (const id of this.entries.keys()) this.leave(id);
    this.entries.clear();
    await Promise.all(this.ending);
    this.sockets.remove();
  }

  private entry(id: string): Entry {
    const entry = this.entries.get(id);
    if (entry === undefined) throw appError('LB_APP_DAEMON', `there is no daemon '${id}'`);
    return entry;
  }

  private added(id: string): NewDaemon {
    const { daemon } = this.entry(id);
    if (daemon === undefined) throw appError('LB_APP_DAEMON', 'the built-in daemon is the app’s own and stays');
    return daemon;
  }

  private namesBut(id: string | undefined): string[] {
    return this.list().flatMap((info) => (info.id === id ? [] : info.name));
  }

  /** Knows a daemon from now on, in place of one of the same id; nothing is connected yet. */
  private enter(id: string, daemon: NewDaemon): Entry {
    const entry = daemon.kind === 'ssh' ? this.tunneled(id, daemon) : this.direct(id, daemon);
    this.entries.set(id, entry);
    return entry;
  }

  private direct(id: string, daemon: Exclude<NewDaemon, { kind: 'ssh' }>): Entry {
    const isForgotten = daemon.kind === 'tcp' && !this.secrets.kept;
    const where = daemon.kind === 'unix' ? daemon.socketPath : daemon.url;
    const texts = isForgotten ? { remark: SESSION_ONLY } : {};
    return { daemon, connection: this.connection(id, daemon, where, endpointOf(daemon), texts) };
  }

  private tunneled(id: string, daemon: Extract<NewDaemon, { kind: 'ssh' }>): Entry {
    const { destination, socketPath } = daemon;
    // It was checked before it was kept.
    const host = parseSshDestination(destination)!;
    const localPath = this.sockets.socket(`${randomUUID().slice(0, 8)}.sock`);
    const tunnel = new SshTunnel({
      destination: host,
      remotePath: socketPath,
      localPath,
      onReady: () => connection.start(),
      onLost: (reason, retryAt) => connection.pause(reason, retryAt),
    });
    // What the client says is about the socket here.
    const reason = (): string => {
      const words = tunnel.lastWords === '' ? '' : ` (${tunnel.lastWords})`;
      return `ssh reaches ${destination}, but no daemon answers on ${socketPath} there${words}`;
    };
    const where = `${destination}:${socketPath}`;
    const connection = this.connection(id, daemon, where, socketEndpoint(localPath), { reason });
    return { daemon, connection, tunnel };
  }

  private connection(id: string, { name, kind }: NewDaemon, where: string, endpoint: Endpoint, texts: ConnectionTexts) {
    return new Connection({ id, name, kind, where }, new LbClient(endpoint), this.emit, texts);
  }

  private begin({ connection, daemon, tunnel }: Entry): DaemonInfo {
    if (tunnel !== undefined) tunnel.start();
    else if (daemon?.kind === 'tcp' && daemon.token === undefined) connection.pause(FORGOTTEN);
    else connection.start();
    return connection.info;
  }

  private leave(id: string): void {
    const { connection, tunnel } = this.entry(id);
    connection.close();
    if (tunnel === undefined) return;
    const ended = tunnel.stop();
    this.ending.add(ended);
    void ended.finally(() => this.ending.delete(ended));
  }
}

function endpointOf(daemon: Exclude<NewDaemon, { kind: 'ssh' }>): Endpoint {
  if (daemon.kind === 'unix') return socketEndpoint(daemon.socketPath);
  // Without its token nothing is asked.
  const { url, token = '-', ca, fingerprint } = daemon;
  return { url, token, ...(ca !== undefined && { ca }), ...(fingerprint !== undefined && { fingerprint }) };
}

function socketEndpoint(socketPath: string): Endpoint {
  const author = authorName();
  return { socketPath, ...(author !== undefined && { author }) };
}
