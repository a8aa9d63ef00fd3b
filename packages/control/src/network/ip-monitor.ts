import type { ChildProcess } from 'node:child_process';
import type { LbError } from '@lb/core';
import { networkError } from './errors.js';
import type { IpProgram } from './ip-program.js';
import { MonitorLines } from './monitor-lines.js';
import { KERNEL_TABLES, type KernelTable } from './snapshot.js';

export interface MonitorHandlers {
  /** These tables have to be read again. */
  readonly changed: (tables: Iterable<KernelTable>) => void;
  readonly problem: (error: LbError) => void;
}

const COMMAND = ['-o', 'monitor', 'label', 'link', 'address', 'route', 'neigh', 'nexthop'];
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** After this time it counts as running well, and the next restart is quick again. */
const SETTLED_MS = 10_000;
/** It listens some milliseconds after it was started, and does not say when. */
const LISTENING_MS = 500;

/**
 * Runs `ip monitor` and keeps it running. Its lines are a trigger only: the kernel's state is read whole, so that a line
 * that got lost or is formatted otherwise does no harm.
 */
export class IpMonitor {
  readonly #ip: IpProgram;
  readonly #handlers: MonitorHandlers;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #stopped = false;

  constructor(ip: IpProgram, handlers: MonitorHandlers) {
    this.#ip = ip;
    this.#handlers = handlers;
  }

  /** Process number of the running program. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const child = this.#ip.start(COMMAND);
    this.#child = child;
    const startedAt = performance.now();
    const lines = new MonitorLines();
    let said = '';
    // Without file descriptors left there are no pipes either.
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const tables = lines.push(text);
      if (tables.size > 0) this.#handlers.changed(tables);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500);
      // Usually that the kernel had more to tell than its buffer holds.
      this.#handlers.changed(KERNEL_TABLES);
    });
    child.once('error', (error) => this.#ended(child, startedAt, this.#ip.notStarted(error)));
    child.once('close', (code, signal) => {
      const why = said.trim() || (signal === null ? `exit status ${code}` : signal);
      this.#ended(child, startedAt, networkError('LB_NET_MONITOR', `'ip monitor' ended (${why}); it is started again`));
    });
    this.#timer = setTimeout(() => this.#handlers.changed(KERNEL_TABLES), LISTENING_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  }

  #ended(child: ChildProcess, startedAt: number, error: LbError): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#handlers.problem(error);
    if (performance.now() - startedAt > SETTLED_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#timer = setTimeout(() => {
      this.start();
      this.#handlers.changed(KERNEL_TABLES);
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
