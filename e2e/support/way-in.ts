import { mkdtempSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Namespace } from './namespace.js';
import { repositoryRoot } from './paths.js';
import type { Running } from './running.js';

/** A port on this machine's loopback that leads to an address within a network namespace. Bytes pass as they are. */
export class WayIn {
  private readonly open = new Set<Socket>();

  private constructor(
    private readonly relay: Running,
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(ns: Namespace, host: string, port: number): Promise<WayIn> {
    const path = join(mkdtempSync(join(ns.folder, 'way-')), 'in.sock');
    const script = join(repositoryRoot, 'e2e/support/programs/relay.mjs');
    const relay = ns.start(process.execPath, script, path, host, String(port));
    await relay.says(/^ready$/m);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const way = new WayIn(relay, server, (server.address() as { port: number }).port);
    server.on('connection', (near) => way.lead(near, path));
    return way;
  }

  async stop(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    this.server.close();
    await this.relay.stop('SIGKILL');
  }

  private lead(near: Socket, path: string): void {
    const far = connect(path);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.open.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => this.open.delete(socket));
    }
  }
}
