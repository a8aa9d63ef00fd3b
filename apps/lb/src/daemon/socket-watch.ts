import { lstatSync } from 'node:fs';
import { errorText } from '@lb/control';
import type { LbError } from '@lb/core';

export interface SocketWatchOptions {
  readonly path: string;
  /** Make the socket again. @throws LbError LB_DAEMON_SOCKET, LB_DAEMON_SOCKET_LIVE */
  readonly remake: () => Promise<void>;
  readonly tell: (level: 'warn' | 'error', code: string, text: string) => void;
  readonly lookMs?: number;
}

const LOOK_MS = 1000;

/**
 * Looks whether the control socket is still there: a clean-up of its folder may have removed it, and a daemon that nobody can
 * reach looks dead. It is made again; where that cannot be done, it is told once and tried again.
 */
export class SocketWatch {
  private identity: string | undefined;
  private problem = '';
  private isBusy = false;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: SocketWatchOptions) {
    this.identity = identityOf(options.path);
    this.timer = setInterval(() => void this.look(), options.lookMs ?? LOOK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const { path, remake, tell } = this.options;
    if (this.isBusy || identityOf(path) === this.identity) return;
    this.isBusy = true;
    try {
      await remake();
      this.identity = identityOf(path);
      this.problem = '';
      tell('warn', 'LB_DAEMON_SOCKET', `the control socket ${path} was gone: it is made again`);
    } catch (error) {
      const { code, message } = error as LbError;
      if (message === this.problem) return;
      this.problem = message;
      tell('error', code, `commands do not reach this daemon: ${errorText(error as LbError)}`);
    } finally {
      this.isBusy = false;
    }
  }
}

function identityOf(path: string): string | undefined {
  const there = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return there === undefined ? undefined : `${there.dev} ${there.ino}`;
}
