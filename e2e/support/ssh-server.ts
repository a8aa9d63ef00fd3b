import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../scripts/system-packages.mjs';
import { run } from './run.js';
import { Running } from './running.js';

/**
 * An sshd of the test's own on loopback, with its own host key, and a client configuration that knows it. Whoever has the key may
 * forward sockets and nothing else.
 */
export class SshServer {
  private program: Running | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** Starts it; returns when it takes connections. @param parent for its folder, which whoever made the parent removes */
  static async start(parent: string): Promise<SshServer> {
    const folder = mkdtempSync(join(parent, 'sshd-'));
    for (const name of ['host', 'user', 'stranger']) {
      const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
      if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
    }
    // Where root's sshd changes to while a client logs in; where the system starts sshd itself, it is there.
    if (process.getuid?.() === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
    const server = new SshServer(folder, await freePort());
    server.writeFiles();
    await server.resume();
    return server;
  }

  /** As the app takes it. */
  get destination(): string {
    return `${userInfo().username}@127.0.0.1:${this.port}`;
  }

  /**
   * A folder with a program `ssh` to be put before all others: the system's, with the test's configuration in place of the user's,
   * which ssh finds by the user and not by an environment variable.
   */
  get clientFolder(): string {
    return join(this.folder, 'bin');
  }

  /** Takes the client's key away, or gives it back. */
  admit(who: 'user' | 'nobody'): void {
    const key = join(this.folder, who === 'user' ? 'user' : 'stranger');
    this.writeClientConfig(key);
  }

  /** Ends it with all its connections, as when its machine goes down. */
  async stop(): Promise<void> {
    const { program } = this;
    this.program = undefined;
    if (program === undefined) return;
    // Each connection is a process of its own that outlives the listener.
    for (const pid of await childrenOf(program.pid)) process.kill(pid, 'SIGKILL');
    await program.stop('SIGKILL');
  }

  /** Starts it again on the same port with the same key. */
  async resume(): Promise<void> {
    const args = ['-D', '-e', '-f', join(this.folder, 'sshd_config')];
    this.program = new Running('sshd', [findProgram('sshd')!, ...args]);
    await this.program.says(/Server listening on 127\.0\.0\.1/);
  }

  private writeFiles(): void {
    const { folder, port } = this;
    const server = [
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'user.pub')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      // Without it sshd denies sockets, too.
      'AllowTcpForwarding local',
      'AllowStreamLocalForwarding local',
      'ForceCommand /bin/false',
    ];
    writeFileSync(join(folder, 'sshd_config'), `${server.join('\n')}\n`);
    this.writeClientConfig(join(folder, 'user'));
    mkdirSync(this.clientFolder);
    const wrapper = `#!/bin/sh\nexec ${findProgram('ssh')} -F ${join(folder, 'ssh_config')} "$@"\n`;
    writeFileSync(join(this.clientFolder, 'ssh'), wrapper, { mode: 0o755 });
  }

  private writeClientConfig(key: string): void {
    const { folder } = this;
    const client = [
      'StrictHostKeyChecking accept-new',
      `UserKnownHostsFile ${join(folder, 'known_hosts')}`,
      'IdentitiesOnly yes',
      `IdentityFile ${key}`,
    ];
    writeFileSync(join(folder, 'ssh_config'), `${client.join('\n')}\n`);
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  const children = stdout.split('\n').filter(Boolean).map(Number);
  const later = await Promise.all(children.map(childrenOf));
  return [...later.flat(), ...children];
}

/** A port of loopback that nobody has just now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
