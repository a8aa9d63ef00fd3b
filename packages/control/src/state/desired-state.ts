import { EventEmitter } from 'node:events';
import type { Config } from '../schema.js';
import { parseConfig } from '../validate.js';
import { StateError } from './errors.js';
import { MemoryLog } from './memory-log.js';
import {
  canonicalConfig,
  metaOf,
  type Revision,
  type RevisionLog,
  type RevisionMeta,
  type RevisionQuery,
  sha256,
} from './revision.js';
import type { StateStore } from './state-store.js';

export interface DesiredStateEvents {
  /** The current revision is another one. Listeners are called before the change returns, and must not throw. */
  revision: [revision: Revision];
}

/** Who changes something, and why. */
export interface ChangeMeta {
  readonly author: string;
  readonly note?: string;
  /** The revision the change is based on; the change is refused when it is not the current one. */
  readonly ifMatch?: number;
  readonly time?: Date;
}

export interface Change extends ChangeMeta {
  /** Has the last word on a configuration, before anything is written: what it throws refuses the change. */
  readonly prepare?: (next: Config) => void | Promise<void>;
}

/** Lines of a history when the query does not say how many. */
const HISTORY_LIMIT = 100;

/**
 * The configuration that is wanted, as the newest of numbered revisions. Changes are transactions, carried out one after
 * the other: each sees the result of the one before, and is applied and stored as a whole or not at all.
 */
export class DesiredState extends EventEmitter<DesiredStateEvents> {
  readonly #log: RevisionLog;
  #current: Revision;
  /** The current configuration's canonical text. */
  #text: string;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(log: RevisionLog, current: Revision) {
    super();
    this.#log = log;
    this.#current = frozen(current);
    this.#text = canonicalConfig(current.config);
  }

  /**
   * The newest revision of the store; without one, `initial` as the first revision. Without a store everything is kept
   * in memory only.
   * @throws StateError LB_STATE_DISK when the first revision cannot be stored; ConfigError
   */
  static async open(
    store: StateStore | undefined,
    initial: Config,
    meta: ChangeMeta = { author: 'lb', note: 'first start' },
  ): Promise<DesiredState> {
    const log: RevisionLog = store ?? new MemoryLog();
    const latest = log.latest();
    if (latest !== undefined) return new DesiredState(log, latest);
    const first = revisionOf(log.nextNumber, parseConfig(initial).config, meta);
    await log.append(first);
    return new DesiredState(log, first);
  }

  /** Treat it as immutable; its configuration is frozen. */
  get current(): Revision {
    return this.#current;
  }

  /**
   * One transaction. Returns the new revision, or the current one when nothing is different.
   * @param make the next configuration; what it throws refuses the change
   * @throws StateError LB_STATE_CONFLICT (with the current number), LB_STATE_DISK, LB_STATE_CLOSED; ConfigError; what
   * `make` and `prepare` throw. The current revision is then the same as before.
   */
  change(make: (current: Config) => Config, meta: Change): Promise<Revision> {
    const done = this.#last.then(() => this.#change(make, meta));
    this.#last = done.catch(() => undefined);
    return done;
  }

  /**
   * Makes the configuration of an earlier revision the current one again, as a new revision.
   * @throws as `change`, and as `revision`
   */
  async rollback(number: number, meta: Change): Promise<Revision> {
    const { config } = await this.revision(number);
    return this.change(() => config, { note: `roll back to revision ${number}`, ...meta });
  }

  /** Newest first; by default the newest hundred. */
  history({ before, limit = HISTORY_LIMIT }: RevisionQuery = {}): readonly RevisionMeta[] {
    return this.#log.list({ limit, ...(before === undefined ? {} : { before }) });
  }

  /** @throws StateError LB_STATE_NO_REVISION, LB_STATE_DAMAGED, LB_STATE_CONFIG */
  revision(number: number): Promise<Revision> {
    return this.#log.read(number);
  }

  async #change(make: (current: Config) => Config, meta: Change): Promise<Revision> {
    const { current } = this;
    if (meta.ifMatch !== undefined && meta.ifMatch !== current.number) throw conflict(meta.ifMatch, current);
    const { config } = parseConfig(make(current.config));
    const text = canonicalConfig(config);
    if (text === this.#text) return current;
    await meta.prepare?.(config);
    const next = frozen(revisionOf(this.#log.nextNumber, config, laterThan(current, meta), text));
    await this.#log.append(next);
    this.#current = next;
    this.#text = text;
    this.emit('revision', next);
    return next;
  }
}

function revisionOf(
  number: number,
  config: Config,
  { author, note = '', time = new Date() }: ChangeMeta,
  text = canonicalConfig(config),
): Revision {
  return { number, time: time.toISOString(), author, note, hash: sha256(text), config };
}

/** Revisions are in the order of their times, also if the clock was set back: none is older than the one before. */
function laterThan({ time }: RevisionMeta, meta: ChangeMeta): ChangeMeta {
  return { time: new Date(Math.max(Date.now(), Date.parse(time))), ...meta };
}

function conflict(based: number, current: RevisionMeta): StateError {
  const { number, author } = metaOf(current);
  const message = `the change is based on revision ${based}, and the current one is ${number}, by ${author}`;
  return new StateError(
    'LB_STATE_CONFLICT',
    message,
    'read the current configuration and make the change again',
    number,
  );
}

/** A change that altered the current configuration in place would be neither stored nor seen by anybody. */
function frozen(revision: Revision): Revision {
  deepFreeze(revision.config);
  return Object.freeze(revision);
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}
