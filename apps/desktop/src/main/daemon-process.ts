import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** A daemon that has been started, in whatever way. */
export interface DaemonProcess {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Calls once when it has ended or could not be started, with the reason in words. */
  whenEnded(listener: (reason: string) => void): void;
  /** Asks it to end. */
  end(): void;
  /** Ends it at once. */
  kill(): void;
}

/** Starts the headless program with such arguments. */
export type LaunchDaemon = (args: readonly string[]) => DaemonProcess;

/**
 * On a Node.js of this machine.
 * @param program path of the headless program
 */
export function onNode(node: string, program: string): LaunchDaemon {
  return (args) => {
    const child = spawn(node, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    return {
      pid: child.pid,
      stdout: child.stdout,
      stderr: child.stderr,
      whenEnded(listener) {
        child.once('error', (error) => listener(error.message));
        child.once('close', (status, signal) => listener(endingOf(status, signal)));
      },
      end: () => void child.kill('SIGTERM'),
      kill: () => void child.kill('SIGKILL'),
    };
  };
}

/** How it ended, in words. */
export function endingOf(status: number | null, signal: string | null = null): string {
  return `the built-in daemon ended (${signal ?? `status ${status}`})`;
}
