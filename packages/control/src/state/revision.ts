import { createHash } from 'node:crypto';
import type { Config } from '../schema.js';

/** What is known of a revision without its configuration. */
export interface RevisionMeta {
  /** From 1, growing; a number is never used for two revisions. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly author: string;
  readonly note: string;
  /** SHA-256 of the canonical configuration, in hex. */
  readonly hash: string;
}

export interface Revision extends RevisionMeta {
  readonly config: Config;
}

/** Which revisions to list: those below `before`, newest first, at most `limit`. */
export interface RevisionQuery {
  readonly before?: number;
  readonly limit?: number;
}

/** How many revisions to keep. The newest two are kept in any case. */
export interface Retention {
  readonly keep: number;
  /** Of all their configurations together, in canonical text. */
  readonly keepBytes: number;
}

/** Where revisions are kept, in their order. */
export interface RevisionLog {
  /** The number of the next revision. */
  readonly nextNumber: number;
  latest(): Revision | undefined;
  append(revision: Revision): Promise<void>;
  list(query?: RevisionQuery): readonly RevisionMeta[];
  read(number: number): Promise<Revision>;
}

/**
 * The one text of a configuration: JSON without blanks, keys sorted, lists in their order. Two configurations are the
 * same when their texts are.
 */
export function canonicalConfig(config: Config): string {
  return JSON.stringify(sortKeys(config));
}

/** SHA-256 in hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function metaOf({ number, time, author, note, hash }: RevisionMeta): RevisionMeta {
  return { number, time, author, note, hash };
}

/** How many of the oldest have to go, given the sizes of all from the oldest on. */
export function countToDrop(sizes: readonly number[], { keep, keepBytes }: Retention): number {
  let total = sizes.reduce((sum, size) => sum + size, 0);
  let drop = 0;
  while (sizes.length - drop > 2 && (sizes.length - drop > keep || total > keepBytes)) total -= sizes[drop++]!;
  return drop;
}

/** The answer to a query, from all entries, oldest first. */
export function selectNewest(all: readonly RevisionMeta[], { before, limit }: RevisionQuery): RevisionMeta[] {
  const end = before === undefined ? all.length : all.filter(({ number }) => number < before).length;
  return all
    .slice(limit === undefined ? 0 : Math.max(end - limit, 0), end)
    .map(metaOf)
    .reverse();
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
