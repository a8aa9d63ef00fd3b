import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, type DaemonOptions } from '../support/daemon.js';
import { removeFlowTables } from '../support/flow-folder.js';
import type { Namespace } from '../support/namespace.js';

const stagesInTurn = ['native', 'typescript'] as const;

/** One daemon after the other on the same state; each uses the other stages than the one before. */
export class DaemonRuns {
  #daemon: Daemon | undefined;
  #started = 0;
  readonly #state: string;

  private constructor(
    private readonly ns: Namespace,
    private readonly options: DaemonOptions,
  ) {
    this.#state = join(mkdtempSync(join(ns.folder, 'state-')), 'lb');
  }

  static async start(ns: Namespace, options: Omit<DaemonOptions, 'state' | 'stages'>): Promise<DaemonRuns> {
    const runs = new DaemonRuns(ns, options);
    await runs.#start();
    return runs;
  }

  get daemon(): Daemon {
    if (this.#daemon === undefined) throw new Error('no daemon runs');
    return this.#daemon;
  }

  /** How many daemons there were. */
  get started(): number {
    return this.#started;
  }

  async again(how: 'SIGTERM' | 'kill -9'): Promise<void> {
    if (how === 'SIGTERM') await this.daemon.stop();
    else await this.daemon.kill();
    await this.#start();
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
    removeFlowTables(this.#state);
  }

  async #start(): Promise<void> {
    const stages = stagesInTurn[this.#started % stagesInTurn.length]!;
    this.#daemon = await Daemon.start(this.ns, { ...this.options, state: this.#state, stages });
    this.#started++;
  }
}
