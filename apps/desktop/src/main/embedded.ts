import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface EmbeddedOptions {
  /** Node.js, or Electron, which then runs as Node.js. */
  readonly node: string;
  /** The headless program. */
  readonly program: string;
  readonly socketPath: string;
  /** Folder of its revisions. */
  readonly stateDir: string;
  readonly onReady: () => void;
  /** It has ended unasked, or could not be started; it will be started again. */
  readonly onLost: (reason: string) => void;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** One that ran for so long was well: its end is not another failure in a row. */
const WELL_MS = 30_000;
const END_MS = 5000;

/**
 * The app's own daemon: `lb serve` on its sample configuration and generated traffic, in a process of its own. When the app is
 * killed, the pipe it writes a line to each second is gone, and it ends.
 */
export class EmbeddedDaemon {
  private child: ChildProcess | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private stopped = false;

  constructor(private readonly options: EmbeddedOptions) {}

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const { node, program, socketPath, stateDir } = this.options;
    const args = [program, 'serve', '--plain', '--socket', socketPath, '--state', stateDir];
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    const child = spawn(node, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const started = Date.now();
    let lastWords = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('lb serve: ready')) this.options.onReady();
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.trim() !== '') lastWords = line;
    });
    let over = false;
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      this.ended(lastWords === '' ? reason : lastWords, Date.now() - started);
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (status, signal) => end(`the built-in daemon ended (${signal ?? `status ${status}`})`));
  }

  /** Ends it, by force if it does not end by itself. */
  stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => child.kill('SIGKILL'), END_MS);
      child.once('close', () => {
        clearTimeout(force);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  private ended(reason: string, ranMs: number): void {
    this.child = undefined;
    if (this.stopped) return;
    this.failures = ranMs >= WELL_MS ? 0 : this.failures;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** this.failures++, LONGEST_RETRY_MS);
    this.retry = setTimeout(() => this.start(), waitMs);
    this.options.onLost(reason);
  }
}
