import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { ProcessSupervisor } from './process-supervisor.js';
import { type Program, programOf } from './program.js';
import { sshArguments } from './ssh-arguments.js';
import { type SshDestination, sshTarget } from './ssh-destination.js';

export interface SshTunnelOptions {
  readonly destination: SshDestination;
  /** Path of the daemon's socket on the other machine. */
  readonly remotePath: string;
  /** Path of the socket that leads there. */
  readonly localPath: string;
  /** The local socket takes connections. */
  readonly onReady: () => void;
  /** It has ended unasked, or could not be started. @param retryAt when it is started again, in ms of this machine's clock */
  readonly onLost: (reason: string, retryAt: number) => void;
  /** The system's SSH client. */
  readonly ssh?: string;
  readonly firstRetryMs?: number;
}

const FIRST_RETRY_MS = 1000;
const END_MS = 2000;
const LOOK_MS = 50;
const MAX_WORDS = 300;

/** The socket of a daemon on another machine, brought here by the system's `ssh`. It is made again when it is lost. */
export class SshTunnel {
  private readonly supervisor: ProcessSupervisor<Program>;
  private words = '';

  constructor(private readonly options: SshTunnelOptions) {
    const { firstRetryMs = FIRST_RETRY_MS, onLost } = options;
    this.supervisor = new ProcessSupervisor({ launch: () => this.launch(), onLost, firstRetryMs, endMs: END_MS });
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.supervisor.running?.pid;
  }

  /** What ssh said last; empty if it said nothing. */
  get lastWords(): string {
    return this.words;
  }

  start(): void {
    this.supervisor.start();
  }

  /** Ends it, by force if it does not end by itself. */
  stop(): Promise<void> {
    return this.supervisor.stop();
  }

  private launch(): Program {
    const { destination, localPath, remotePath, ssh = 'ssh' } = this.options;
    const child = spawn(ssh, sshArguments(destination, localPath, remotePath), { stdio: ['ignore', 'ignore', 'pipe'] });
    this.words = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.trim() !== '') this.words = line.trim().slice(0, MAX_WORDS);
    });
    void this.awaitSocket(child);
    return programOf(child, {
      ended: (how) => this.endText(how),
      failed: ({ code, message }) => (code === 'ENOENT' ? `there is no program '${ssh}' on this machine` : message),
    });
  }

  /** Ssh makes the socket when it is let in; nothing says so but that the socket takes a connection. */
  private async awaitSocket(child: ChildProcess): Promise<void> {
    while (runs(child)) {
      if (await takesConnection(this.options.localPath)) {
        if (runs(child)) this.options.onReady();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  private endText(status: string): string {
    const target = sshTarget(this.options.destination);
    if (this.words === '') return `ssh to ${target} ended (${status})`;
    const hint = HINTS.find(([pattern]) => pattern.test(this.words))?.[1](target);
    const words = this.words.replace(`${target}: `, '').replace(/[.\s]+$/, '');
    return `ssh to ${target}: ${words}${hint === undefined ? '' : `; ${hint}`}`;
  }
}

/** What to do about what ssh says. */
const HINTS: readonly (readonly [RegExp, (target: string) => string])[] = [
  [/host key verification failed/i, (target) => `run ssh ${target} in a terminal once, and look at the key it shows`],
  [/permission denied/i, (target) => `ssh ${target} has to work without a password: with a key or an agent`],
];

/** Whether it has been started, has not ended, and was not asked to. */
function runs({ pid, exitCode, signalCode, killed }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null && !killed;
}

function takesConnection(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
