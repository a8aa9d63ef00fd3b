import { StateError } from './errors.js';
import { sha256 } from './revision.js';

/*
 * A file of the state. Its first two lines are the same in every format, so that an older program can tell a file of a
 * newer one from a damaged one:
 *
 *   lb-state <format> <checksum>      checksum: SHA-256 of "<format>\n" and the second line without its end
 *   {"hash":…,"length":…, …}          head: JSON, one line; hash and length are those of the body
 *   <body>                            `length` bytes, then one end of line and the end of the file
 *
 * Every byte counts towards one of the two checksums or is given by this grammar, so no damage goes unseen.
 */
export const FORMAT = 1;

const FIRST_LINE = /^lb-state ([1-9][0-9]{0,8}) ([0-9a-f]{64})$/;
const NEWLINE = 10;
const END_OF_FILE = Buffer.from([NEWLINE]);

export interface RecordHead {
  /** SHA-256 of the body in hex. */
  readonly hash: string;
  /** Bytes of the body. */
  readonly length: number;
  readonly [key: string]: unknown;
}

export interface OpenedRecord {
  readonly head: RecordHead;
  readonly body: string;
}

/** The bytes of a file with this body; `head` is what else to say about it. */
export function encodeRecord(head: object, body: string): Buffer {
  const bytes = Buffer.from(body);
  const second = JSON.stringify({ ...head, hash: sha256(bytes), length: bytes.length });
  return Buffer.concat([Buffer.from(`lb-state ${FORMAT} ${headSum(FORMAT, second)}\n${second}\n`), bytes, END_OF_FILE]);
}

/**
 * Reads a whole file.
 * @param what names the file in messages
 * @throws StateError LB_STATE_DAMAGED, LB_STATE_FORMAT
 */
export function decodeRecord(bytes: Uint8Array, what: string): OpenedRecord {
  const { head, bodyAt } = decodeHead(bytes, what);
  const end = bodyAt + head.length;
  if (bytes.length !== end + 1) {
    throw damaged(what, `it should have ${end + 1} bytes and has ${bytes.length}`);
  }
  const body = bytes.subarray(bodyAt, end);
  if (bytes[end] !== NEWLINE || sha256(body) !== head.hash) throw damaged(what, 'its content is not what was written');
  return { head, body: Buffer.from(body).toString('utf8') };
}

/**
 * Reads the first two lines, from the beginning of a file.
 * @throws StateError LB_STATE_DAMAGED (also when the beginning is too short to hold them), LB_STATE_FORMAT
 */
export function decodeHead(bytes: Uint8Array, what: string): { head: RecordHead; bodyAt: number } {
  const firstEnd = bytes.indexOf(NEWLINE);
  const secondEnd = bytes.indexOf(NEWLINE, firstEnd + 1);
  if (firstEnd < 0 || secondEnd < 0) throw damaged(what, 'it ends too early');
  const first = FIRST_LINE.exec(latin1(bytes.subarray(0, firstEnd)));
  if (first === null) throw damaged(what, 'it does not begin as a file of the state does');
  const format = Number(first[1]);
  const second = bytes.subarray(firstEnd + 1, secondEnd);
  if (headSum(format, second) !== first[2]) throw damaged(what, 'its head is not what was written');
  if (format !== FORMAT) {
    const hint = 'start the version of the program that wrote it, or give another folder with --state';
    throw new StateError('LB_STATE_FORMAT', `${what} has format ${format}, and this program reads ${FORMAT}`, hint);
  }
  const head = parseJson(second, what) as RecordHead | null;
  if (!Number.isSafeInteger(head?.length) || typeof head?.hash !== 'string')
    throw damaged(what, 'its head lacks a field');
  return { head, bodyAt: secondEnd + 1 };
}

/** @throws StateError LB_STATE_DAMAGED */
export function parseJson(text: string | Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(text as Uint8Array).toString('utf8'));
  } catch {
    throw damaged(what, 'it is not JSON where it should be');
  }
}

/** Whether the beginning of a file holds all of the first two lines. */
export function hasHead(bytes: Uint8Array): boolean {
  const firstEnd = bytes.indexOf(NEWLINE);
  return firstEnd >= 0 && bytes.indexOf(NEWLINE, firstEnd + 1) >= 0;
}

export function damaged(what: string, why: string): StateError {
  return new StateError('LB_STATE_DAMAGED', `${what} is damaged: ${why}`);
}

function headSum(format: number, second: string | Uint8Array): string {
  return sha256(Buffer.concat([Buffer.from(`${format}\n`), Buffer.from(second)]));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
