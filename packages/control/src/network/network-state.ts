import { EventEmitter } from 'node:events';
import { LbError } from '@lb/core';
import { IpMonitor } from './ip-monitor.js';
import { IpProgram, type IpProgramOptions } from './ip-program.js';
import { Rereader } from './rereader.js';
import { EMPTY_SNAPSHOT, KERNEL_TABLES, type KernelTable, type NetworkSnapshot } from './snapshot.js';
import { type Reading, SnapshotReader } from './snapshot-reader.js';

export interface NetworkStateOptions extends IpProgramOptions {
  /** How long changes are collected before they are read, ms; 50 by default. */
  readonly collectMs?: number;
  /** Everything is read again this often, ms, should a change have gone unnoticed; 30,000 by default. */
  readonly fullReadMs?: number;
}

export interface NetworkEvents {
  /** Some tables have changed. */
  change: [snapshot: NetworkSnapshot, changed: ReadonlySet<KernelTable>];
  /** Something went wrong and is tried again; the snapshot stays as it was. The same is not told twice in a row. */
  problem: [error: LbError];
}

const RETRY_MS = 1_000;

/**
 * Links, addresses, routes of the main tables and neighbours of this machine, kept up to date: a change is in the
 * snapshot a tenth of a second later as a rule, and within a second also where much changes.
 */
export class NetworkState extends EventEmitter<NetworkEvents> {
  readonly #fullReadMs: number;
  readonly #reader: SnapshotReader;
  readonly #monitor: IpMonitor;
  readonly #rereader: Rereader;
  readonly #abort = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  #snapshot: NetworkSnapshot = EMPTY_SNAPSHOT;
  #lastProblem = '';

  constructor(options: NetworkStateOptions = {}) {
    super();
    this.#fullReadMs = options.fullReadMs ?? 30_000;
    const ip = new IpProgram(options);
    this.#reader = new SnapshotReader(ip);
    this.#rereader = new Rereader({
      collectMs: options.collectMs ?? 50,
      read: (tables) => this.#reread(tables),
    });
    this.#monitor = new IpMonitor(ip, {
      changed: (tables) => this.#rereader.request(tables),
      problem: (error) => this.#problem(error),
    });
  }

  /** What is known now; empty before start. */
  get snapshot(): NetworkSnapshot {
    return this.#snapshot;
  }

  /** Process number of `ip monitor`, while it runs. */
  get monitorPid(): number | undefined {
    return this.#monitor.pid;
  }

  /**
   * Reads everything once, then follows the changes. Call once.
   * @throws LbError LB_NET_IPROUTE2, LB_NET_IP_FAILED, LB_NET_IP_OUTPUT
   */
  async start(): Promise<NetworkSnapshot> {
    const { snapshot } = await this.#reader.read(KERNEL_TABLES, this.#abort.signal);
    this.#snapshot = snapshot;
    if (this.#abort.signal.aborted) return snapshot;
    // What changes between that and when the monitor listens is found by the read it asks for once it does.
    this.#monitor.start();
    this.#timers.add(setInterval(() => this.#rereader.request(), this.#fullReadMs));
    return snapshot;
  }

  /** Ends when no process is left. No event comes any more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([this.#monitor.stop(), this.#rereader.stop()]);
  }

  async #reread(tables: ReadonlySet<KernelTable>): Promise<void> {
    let reading: Reading;
    try {
      reading = await this.#reader.read(tables, this.#abort.signal);
    } catch (error) {
      if (!(error instanceof LbError)) throw error;
      this.#problem(error);
      this.#retry(tables);
      return;
    }
    if (this.#abort.signal.aborted) return;
    this.#lastProblem = '';
    if (reading.interrupted) this.#rereader.request(tables);
    if (reading.changed.size === 0) return;
    this.#snapshot = reading.snapshot;
    this.emit('change', reading.snapshot, reading.changed);
  }

  #retry(tables: ReadonlySet<KernelTable>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#rereader.request(tables);
    }, RETRY_MS);
    this.#timers.add(timer);
  }

  #problem(error: LbError): void {
    if (this.#abort.signal.aborted || error.message === this.#lastProblem) return;
    this.#lastProblem = error.message;
    this.emit('problem', error);
  }
}
