import { createInterface } from 'node:readline';
import type { DaemonProcess, LaunchDaemon } from './daemon-process.js';

export interface EmbeddedOptions {
  readonly launch: LaunchDaemon;
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
  private child: DaemonProcess | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private stopped = false;

  constructor(private readonly options: EmbeddedOptions) {}

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const { launch, socketPath, stateDir } = this.options;
    const child = launch(['serve', '--plain', '--socket', socketPath, '--state', stateDir]);
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
    child.whenEnded((reason) => {
      if (over) return;
      over = true;
      this.ended(lastWords === '' ? reason : lastWords, Date.now() - started);
    });
  }

  /** Ends it, by force if it does not end by itself. */
  stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    const { child } = this;
    if (child === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => child.kill(), END_MS);
      child.whenEnded(() => {
        clearTimeout(force);
        resolve();
      });
      child.end();
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
