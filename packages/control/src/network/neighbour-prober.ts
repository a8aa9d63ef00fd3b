import { EventEmitter } from 'node:events';
import { type Address, formatAddress, LbError } from '@lb/core';
import type { IpProgramOptions } from './ip-program.js';
import type { NetworkState } from './network-state.js';
import { ProbeSchedule } from './probe-schedule.js';
import { probeTargets } from './probe-targets.js';
import { type BoundInterface, projectNetwork } from './project-network.js';
import { Solicitor } from './solicitor.js';

export interface ProberEvents {
  /** The kernel could not be asked; it is tried again. The same is not told twice in a row. */
  problem: [error: LbError];
}

/** At most this many neighbours are asked for at a time… */
const BATCH = 256;
/** …this often, ms: about a thousand a second… */
const PAUSE_MS = 250;
/** …or less often, where there are so many that finding out whom to ask takes long. */
const REST_FACTOR = 10;
const LONGEST_SLEEP_MS = 60_000;

/**
 * Has the kernel resolve, and keep fresh, the neighbours that packets to the given addresses need: servers on the link
 * and gateways. The workers' packets pass the kernel by, so it would not do so of itself.
 */
export class NeighbourProber extends EventEmitter<ProberEvents> {
  readonly #state: NetworkState;
  readonly #bound: readonly BoundInterface[];
  readonly #solicitor: Solicitor;
  readonly #schedule = new ProbeSchedule();
  readonly #onChange = () => this.#wake();
  #addresses: ReadonlyMap<string, Address> = new Map();
  /** Whether the schedule is to be brought up to date first. */
  #isOutdated = true;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;
  #running = false;
  #notBeforeMs = 0;
  #lastProblem = '';

  constructor(state: NetworkState, bound: readonly BoundInterface[], options: IpProgramOptions = {}) {
    super();
    this.#state = state;
    this.#bound = bound;
    this.#solicitor = new Solicitor(options);
  }

  /** Sets the addresses that packets are sent to: the ASs of all VIPs. */
  setAddresses(addresses: readonly Address[]): void {
    this.#addresses = new Map(addresses.map((address) => [formatAddress(address), address]));
    this.#wake();
  }

  start(): void {
    this.#running = true;
    this.#state.on('change', this.#onChange);
    this.#wake();
  }

  /** Ends when nothing is being asked any more. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#state.off('change', this.#onChange);
    clearTimeout(this.#timer);
    await this.#asking;
  }

  #wake(): void {
    this.#isOutdated = true;
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#running || this.#asking !== undefined) return;
    const wantedMs = this.#isOutdated ? 0 : this.#schedule.nextDueMs();
    const sleepMs = Math.max(wantedMs, this.#notBeforeMs) - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#asking = this.#ask();
      },
      Math.min(Math.max(0, sleepMs), LONGEST_SLEEP_MS),
    );
  }

  async #ask(): Promise<void> {
    const startedMs = performance.now();
    if (this.#isOutdated) this.#update(startedMs);
    const targets = this.#schedule.take(startedMs, BATCH);
    this.#notBeforeMs = startedMs + Math.max(PAUSE_MS, REST_FACTOR * (performance.now() - startedMs));
    try {
      await this.#solicitor.solicit(targets);
      if (targets.length > 0) this.#lastProblem = '';
    } catch (error) {
      if (!(error instanceof LbError)) throw error;
      this.#problem(error);
    }
    this.#asking = undefined;
    this.#arm();
  }

  #update(nowMs: number): void {
    this.#isOutdated = false;
    const { snapshot } = this.#state;
    this.#schedule.update(probeTargets(snapshot, projectNetwork(snapshot, this.#bound), this.#addresses), nowMs);
  }

  #problem(error: LbError): void {
    if (!this.#running || error.message === this.#lastProblem) return;
    this.#lastProblem = error.message;
    this.emit('problem', error);
  }
}
