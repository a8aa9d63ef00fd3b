import type { ChildProcess } from 'node:child_process';

/** A program that has been started, in whatever way. */
export interface Program {
  readonly pid: number | undefined;
  /** Calls once when it has ended or could not be started, with the reason in words. */
  whenEnded(listener: (reason: string) => void): void;
  /** Asks it to end. */
  end(): void;
  /** Ends it at once. */
  kill(): void;
}

export interface Reasons {
  /** It ended. @param how a signal or a status, in words */
  readonly ended: (how: string) => string;
  /** It could not be started. */
  readonly failed: (error: NodeJS.ErrnoException) => string;
}

/** A child process as a program. */
export function programOf(child: ChildProcess, reasons: Reasons): Program {
  return {
    pid: child.pid,
    whenEnded(listener) {
      // One that could not be started may say both.
      let told = false;
      const tell = (reason: string): void => {
        if (!told) listener(reason);
        told = true;
      };
      child.once('error', (error: NodeJS.ErrnoException) => tell(reasons.failed(error)));
      child.once('close', (status, signal) => tell(reasons.ended(signal ?? `status ${status}`)));
    },
    end: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}
