import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
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
const LONGEST_RETRY_MS = 15_000;
/** One that was up for so long was well: its end is not another failure in a row. */
const WELL_MS = 30_000;
const END_MS = 2000;
const LOOK_MS = 50;
const MAX_WORDS = 300;

/** The socket of a daemon on another machine, brought here by the system's `ssh`. It is made again when it is lost. */
export class SshTunnel {
  private child: ChildProcess | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private stopped = false;
  private words = '';

  constructor(private readonly options: SshTunnelOptions) {}

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** What ssh said last; empty if it said nothing. */
  get lastWords(): string {
    return this.words;
  }

  start(): void {
    const { destination, localPath, remotePath, ssh = 'ssh' } = this.options;
    const child = spawn(ssh, sshArguments(destination, localPath, remotePath), { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    this.words = '';
    const started = Date.now();
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.trim() !== '') this.words = line.trim().slice(0, MAX_WORDS);
    });
    let over = false;
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      this.ended(reason, Date.now() - started);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ENOENT' ? `there is no program '${ssh}' on this machine` : error.message);
    });
    child.once('close', (status, signal) => end(this.endText(signal ?? `status ${status}`)));
    void this.awaitSocket(child);
  }

  /** Ends it, by force if it does not end by itself. */
  stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => child.kill('SIGKILL'), END_MS);
      child.once('close', () => {
        clearTimeout(force);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  /** Ssh makes the socket when it is let in; nothing says so but that the socket takes a connection. */
  private async awaitSocket(child: ChildProcess): Promise<void> {
    while (this.child === child && !this.stopped) {
      if (await takesConnection(this.options.localPath)) {
        if (this.child === child && !this.stopped) this.options.onReady();
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

  private ended(reason: string, ranMs: number): void {
    this.child = undefined;
    if (this.stopped) return;
    if (ranMs >= WELL_MS) this.failures = 0;
    const { firstRetryMs = FIRST_RETRY_MS, onLost } = this.options;
    const waitMs = Math.min(firstRetryMs * 2 ** this.failures++, LONGEST_RETRY_MS);
    this.retry = setTimeout(() => this.start(), waitMs);
    onLost(reason, Date.now() + waitMs);
  }
}

/** What to do about what ssh says. */
const HINTS: readonly (readonly [RegExp, (target: string) => string])[] = [
  [/host key verification failed/i, (target) => `run ssh ${target} in a terminal once, and look at the key it shows`],
  [/permission denied/i, (target) => `ssh ${target} has to work without a password: with a key or an agent`],
];

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
