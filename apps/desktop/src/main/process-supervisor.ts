import type { Program } from './program.js';

export interface ProcessSupervisorOptions<P extends Program> {
  readonly launch: () => P;
  /** It has ended unasked, or could not be started. @param retryAt when it is started again, in ms of this machine's clock */
  readonly onLost: (reason: string, retryAt: number) => void;
  /** Until it is started again, the first time; twice as long each time that it fails in a row. */
  readonly firstRetryMs: number;
  /** What it has to end by itself, once it is asked to. */
  readonly endMs: number;
}

const LONGEST_RETRY_MS = 15_000;
/** One that ran for so long was well: its end is not another failure in a row. */
const WELL_MS = 30_000;

/** Keeps a program running: it is started again when it ends unasked, later each time. */
export class ProcessSupervisor<P extends Program> {
  private program: P | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private stopped = false;

  constructor(private readonly options: ProcessSupervisorOptions<P>) {}

  /** What runs now. */
  get running(): P | undefined {
    return this.program;
  }

  start(): void {
    const program = this.options.launch();
    this.program = program;
    const started = Date.now();
    program.whenEnded((reason) => this.ended(reason, Date.now() - started));
  }

  /** Ends it for good, by force if it does not end by itself. */
  stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    const { program } = this;
    if (program === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => program.kill(), this.options.endMs);
      program.whenEnded(() => {
        clearTimeout(force);
        resolve();
      });
      program.end();
    });
  }

  private ended(reason: string, ranMs: number): void {
    this.program = undefined;
    if (this.stopped) return;
    if (ranMs >= WELL_MS) this.failures = 0;
    const { firstRetryMs, onLost } = this.options;
    const waitMs = Math.min(firstRetryMs * 2 ** this.failures++, LONGEST_RETRY_MS);
    this.retry = setTimeout(() => this.start(), waitMs);
    onLost(reason, Date.now() + waitMs);
  }
}
