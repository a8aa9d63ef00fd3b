import type { Configuration } from './configuration.js';
import { FlowLines, type Identity } from './flow-lines.js';
import { Fragments } from './fragments.js';
import { type State, TICKS_PER_SECOND } from './lifetimes.js';
import { ErrorBudget } from './mtu.js';
import { type Identify, NatTable } from './nat.js';

/** Tables of others that may be looked into for new flows in one burst. */
const MOST_LOOKS = 64;

/** An established flow. */
export interface Entry {
  /** See Server.id. */
  readonly server: string;
  readonly identity: Identity;
  expiry: number;
  state: State;
}

export interface WorkerStart {
  readonly index: number;
  readonly configuration: Configuration;
  /** Lines of its tables. */
  readonly lines: number;
  readonly secret: readonly [number, number, number, number];
  readonly identify: Identify;
}

/** What one worker knows. Others may look into its tables. */
export class Worker {
  /** By what tells a flow from others. */
  readonly flows = new Map<string, Entry>();
  /** Who has room among the flows. */
  readonly lines: FlowLines;
  readonly nat: NatTable;
  configuration: Configuration;
  /** Until when packets of any flow may come over from another worker. */
  settlingUntil = Number.NEGATIVE_INFINITY;
  fragments = new Fragments();
  errors = new ErrorBudget(TICKS_PER_SECOND);
  peers: readonly Worker[] = [];
  private looks = 0;

  constructor({ index, configuration, lines, secret, identify }: WorkerStart) {
    this.configuration = configuration;
    this.lines = new FlowLines(lines, secret);
    this.nat = new NatTable(new FlowLines(lines, secret), index, identify);
  }

  beginBurst(): void {
    this.lines.beginBurst();
    this.nat.lines.beginBurst();
    this.looks = MOST_LOOKS;
  }

  /** Whether one more flow that is new may be looked for in the tables of all others. */
  looksElsewhere(): boolean {
    if (this.looks <= 0) return false;
    this.looks -= this.peers.length;
    return true;
  }

  /** The entry of a flow, unless its time is over. */
  flow(key: string, now: number): Entry | undefined {
    const entry = this.flows.get(key);
    return entry !== undefined && entry.expiry - now > 0 ? entry : undefined;
  }

  /** Another thread has taken over: tables stay, what one thread keeps to itself is gone. */
  restart(settlingUntil: number): void {
    this.settlingUntil = settlingUntil;
    this.fragments = new Fragments();
    this.errors = new ErrorBudget(TICKS_PER_SECOND);
    this.lines.forgetLooks();
    this.nat.lines.forgetLooks();
  }
}
