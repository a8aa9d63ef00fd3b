import { StateError } from './errors.js';
import {
  canonicalConfig,
  countToDrop,
  type Retention,
  type Revision,
  type RevisionLog,
  type RevisionMeta,
  type RevisionQuery,
  selectNewest,
} from './revision.js';

const RETENTION: Retention = { keep: 1000, keepBytes: 64 * 1024 * 1024 };

/** The revisions of a daemon without a folder for its state: they end with it. */
export class MemoryLog implements RevisionLog {
  readonly #retention: Retention;
  #entries: { readonly revision: Revision; readonly size: number }[] = [];

  constructor(retention: Partial<Retention> = {}) {
    this.#retention = { ...RETENTION, ...retention };
  }

  get nextNumber(): number {
    return (this.latest()?.number ?? 0) + 1;
  }

  latest(): Revision | undefined {
    return this.#entries.at(-1)?.revision;
  }

  async append(revision: Revision): Promise<void> {
    this.#entries.push({ revision, size: canonicalConfig(revision.config).length });
    const sizes = this.#entries.map(({ size }) => size);
    this.#entries.splice(0, countToDrop(sizes, this.#retention));
  }

  list(query: RevisionQuery = {}): readonly RevisionMeta[] {
    return selectNewest(
      this.#entries.map(({ revision }) => revision),
      query,
    );
  }

  async read(number: number): Promise<Revision> {
    const found = this.#entries.find(({ revision }) => revision.number === number);
    if (found === undefined) throw noRevision(number, this.list());
    return found.revision;
  }
}

/** @param kept newest first */
export function noRevision(number: number, kept: readonly RevisionMeta[]): StateError {
  const range = kept.length === 0 ? 'none is kept' : `kept are ${kept.at(-1)?.number} to ${kept[0]?.number}`;
  return new StateError('LB_STATE_NO_REVISION', `there is no revision ${number}: ${range}`);
}
