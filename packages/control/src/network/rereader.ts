import { KERNEL_TABLES, type KernelTable } from './snapshot.js';

export interface RereaderOptions {
  /** How long requests are collected before the first read, ms. */
  readonly collectMs: number;
  /** Reads the tables; must not reject. */
  readonly read: (tables: ReadonlySet<KernelTable>) => Promise<void>;
}

/** Reading takes at most a fifth of the time, whatever happens on the network… */
const REST_FACTOR = 4;
/** …but what has changed is never left unread for longer than this. */
const LONGEST_REST_MS = 400;

/**
 * Collects requests to read tables again: one read at a time, and a pause after each in proportion to what it cost. So a
 * burst of a thousand changes, or a network where something changes all the time, costs a few reads a second.
 */
export class Rereader {
  readonly #options: RereaderOptions;
  #wanted = new Set<KernelTable>();
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #restUntil = 0;
  #stopped = false;

  constructor(options: RereaderOptions) {
    this.#options = options;
  }

  /** Asks for the tables to be read, soon. */
  request(tables: Iterable<KernelTable> = KERNEL_TABLES): void {
    for (const table of tables) this.#wanted.add(table);
    this.#arm();
  }

  /** Ends when no read is under way; none starts any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#reading;
  }

  #arm(): void {
    if (this.#stopped || this.#timer !== undefined || this.#reading !== undefined || this.#wanted.size === 0) return;
    const delay = Math.max(this.#options.collectMs, this.#restUntil - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#reading = this.#read();
    }, delay);
  }

  async #read(): Promise<void> {
    const tables = this.#wanted;
    this.#wanted = new Set();
    const startedAt = performance.now();
    await this.#options.read(tables);
    const endedAt = performance.now();
    this.#restUntil = endedAt + Math.min(REST_FACTOR * (endedAt - startedAt), LONGEST_REST_MS);
    this.#reading = undefined;
    this.#arm();
  }
}
