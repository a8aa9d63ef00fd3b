import { EventEmitter } from 'node:events';
import type { Address, LbError } from '@lb/core';
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
/** …this often, ms: about a thousand a second. */
const PAUSE_MS = 250;
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
  readonly #onChange = () => this.#update();
  #addresses: readonly Address[] = [];
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
    this.#addresses = addresses;
    if (this.#running) this.#update();
  }

  start(): void {
    this.#running = true;
    this.#state.on('change', this.#onChange);
    this.#update();
  }

  /** Ends when nothing is being asked any more. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#state.off('change', this.#onChange);
    clearTimeout(this.#timer);
    await this.#asking;
  }

  #update(): void {
    const { snapshot } = this.#state;
    const targets = probeTargets(snapshot, projectNetwork(snapshot, this.#bound), this.#addresses);
    this.#schedule.update(targets, performance.now());
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#running || this.#asking !== undefined) return;
    const due = Math.max(this.#schedule.nextDueMs(), this.#notBeforeMs);
    if (due === Number.POSITIVE_INFINITY) return;
    const delay = Math.min(Math.max(0, due - performance.now()), LONGEST_SLEEP_MS);
    this.#timer = setTimeout(() => {
      this.#asking = this.#ask();
    }, delay);
  }

  async #ask(): Promise<void> {
    const now = performance.now();
    this.#notBeforeMs = now + PAUSE_MS;
    try {
      await this.#solicitor.solicit(this.#schedule.take(now, BATCH));
      this.#lastProblem = '';
    } catch (error) {
      this.#problem(error as LbError);
    }
    this.#asking = undefined;
    this.#arm();
  }

  #problem(error: LbError): void {
    if (!this.#running || error.message === this.#lastProblem) return;
    this.#lastProblem = error.message;
    this.emit('problem', error);
  }
}
