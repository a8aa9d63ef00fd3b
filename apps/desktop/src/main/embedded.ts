import { createInterface } from 'node:readline';
import type { DaemonProcess, LaunchDaemon } from './daemon-process.js';
import { ProcessSupervisor } from './process-supervisor.js';

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
const END_MS = 5000;

/**
 * The app's own daemon: `lb serve` on its sample configuration and generated traffic, in a process of its own. When the app is
 * killed, the pipe it writes a line to each second is gone, and it ends.
 */
export class EmbeddedDaemon {
  private readonly supervisor: ProcessSupervisor<DaemonProcess>;
  private lastWords = '';

  constructor(private readonly options: EmbeddedOptions) {
    this.supervisor = new ProcessSupervisor({
      launch: () => this.launch(),
      onLost: (reason) => options.onLost(this.lastWords === '' ? reason : this.lastWords),
      firstRetryMs: FIRST_RETRY_MS,
      endMs: END_MS,
    });
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.supervisor.running?.pid;
  }

  start(): void {
    this.supervisor.start();
  }

  /** Ends it, by force if it does not end by itself. */
  stop(): Promise<void> {
    return this.supervisor.stop();
  }

  private launch(): DaemonProcess {
    const { launch, socketPath, stateDir } = this.options;
    const child = launch(['serve', '--plain', '--socket', socketPath, '--state', stateDir]);
    this.lastWords = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('lb serve: ready')) this.options.onReady();
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.trim() !== '') this.lastWords = line;
    });
    return child;
  }
}
