import * as z from 'zod';
import { ConfigError } from '../errors.js';
import { parseConfig } from '../validate.js';
import { StateError } from './errors.js';
import { damaged, decodeHead, decodeRecord, encodeRecord, parseJson, type RecordHead } from './record.js';
import { canonicalConfig, metaOf, type Revision, type RevisionMeta } from './revision.js';

/** A revision as a list of revisions has it. */
export interface StoredMeta extends RevisionMeta {
  /** Bytes of its canonical configuration. */
  readonly length: number;
}

const headSchema = z.object({
  number: z.int().min(1),
  time: z.iso.datetime(),
  author: z.string(),
  note: z.string(),
  hash: z.string(),
  length: z.int().min(0),
});

/** The file of a revision: its body is the canonical configuration, so that both have the same hash. */
export function encodeRevision(revision: Revision): Buffer {
  return encodeRecord(metaOf(revision), canonicalConfig(revision.config));
}

/**
 * What the beginning of a revision's file tells.
 * @throws StateError LB_STATE_DAMAGED, LB_STATE_FORMAT
 */
export function decodeRevisionMeta(bytes: Uint8Array, number: number): StoredMeta {
  return metaFrom(decodeHead(bytes, nameOf(number)).head, number);
}

/**
 * A whole revision.
 * @throws StateError LB_STATE_DAMAGED, LB_STATE_FORMAT, LB_STATE_CONFIG
 */
export function decodeRevision(bytes: Uint8Array, number: number): Revision & StoredMeta {
  const { head, body } = decodeRecord(bytes, nameOf(number));
  const meta = metaFrom(head, number);
  const document = parseJson(body, nameOf(number));
  try {
    return { ...meta, config: parseConfig(document).config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = `${nameOf(number)} holds a configuration that this version does not accept: ${error.message}`;
    const hint = 'start the version of the program that wrote it, or give another folder with --state';
    throw new StateError('LB_STATE_CONFIG', message, hint);
  }
}

function metaFrom(head: RecordHead, number: number): StoredMeta {
  const parsed = headSchema.safeParse(head);
  if (!parsed.success) throw damaged(nameOf(number), 'its head is not that of a revision');
  if (parsed.data.number !== number) {
    throw damaged(nameOf(number), `it holds revision ${parsed.data.number}, so the file was renamed`);
  }
  return parsed.data;
}

function nameOf(number: number): string {
  return `revision ${number}`;
}
