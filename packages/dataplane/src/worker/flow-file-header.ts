import { createHash } from 'node:crypto';
import { LINE_WORDS } from '@lb/core';
import { TICKS_PER_SECOND } from '../clock.js';
import type { Secret } from '../pipeline/engine.js';
import { SESSION_SIDE_WORDS } from '../pipeline/nat-sessions.js';

/**
 * The first page of a file of flow tables, as 32-bit words in the byte order of the machine:
 *
 *     word 0       1      2       3      4      5           6             7            8       9        10
 *          magic   order  format  lines  line   session     flow's side   ticks per    worker  workers  tick of
 *                                        words  side words  words         second                        creation
 *     word 11..14  15,16       17..20  24..31                        32            33
 *          secret  generation  boot    SHA-256 of the page in which  serial        ~serial
 *                                      words 24..33 are 0
 *
 * Everything is written once, when the file is made, but for the serial: 64 bits in one store ({@link storeSerial}). The
 * words not named are 0. Behind the page: flow table, NAT sessions, side words of the sessions, side words of the flows.
 */
export const HEADER_BYTES = 4096;
/**
 * Number of what tables mean. To be raised with every change of the layout of flow tables, NAT sessions and their side
 * words, of flow identities and the lines they are placed in, and of the files here.
 */
export const FLOW_FILE_FORMAT = 2;

const MAGIC = 0x4c46424c;
const ORDER = 0x01020304;
const SUM = 24;
const SERIAL = 32;

/** What the tables of a file are, and whose. */
export interface FlowFileHeader {
  readonly lines: number;
  /** Side words of each entry of the flow table. */
  readonly flowSideWords: number;
  readonly worker: number;
  readonly workers: number;
  /** Of the dataplane's clock when the file was made. */
  readonly createdTick: number;
  readonly secret: Secret;
  /** Two random words: the same in all files that were made together. */
  readonly generation: readonly [number, number];
  /** The system's run, from whose start ticks count: 32 hexadecimal digits. */
  readonly boot: string;
  /** See {@link loadSerial}. */
  readonly serial: number;
}

/** Writes all of a page of zeros; the serial is 0. */
export function writeHeader(page: Int32Array, header: FlowFileHeader): void {
  page.set([MAGIC, ORDER, FLOW_FILE_FORMAT, header.lines, LINE_WORDS, SESSION_SIDE_WORDS]);
  page.set([header.flowSideWords, TICKS_PER_SECOND, header.worker, header.workers, header.createdTick], 6);
  page.set(header.secret, 11);
  page.set(header.generation, 15);
  page.set(wordsOfBoot(header.boot), 17);
  page.set(checksum(page), SUM);
  storeSerial(page, 0);
}

/**
 * The header of a page, or what is wrong with it: `damaged` is no header or one that was changed, `format` one of another
 * version or machine.
 */
export function readHeader(page: Int32Array): FlowFileHeader | 'damaged' | 'format' {
  if (page[0] !== MAGIC || page.length !== HEADER_BYTES / 4) return 'damaged';
  if (page[1] !== ORDER || page[2] !== FLOW_FILE_FORMAT) return 'format';
  if (checksum(page).some((word, k) => word !== page[SUM + k]) || loadSerial(page) < 0) return 'damaged';
  if (page[4] !== LINE_WORDS || page[5] !== SESSION_SIDE_WORDS || page[7] !== TICKS_PER_SECOND) return 'format';
  return {
    lines: page[3],
    flowSideWords: page[6],
    worker: page[8],
    workers: page[9],
    createdTick: page[10],
    secret: [page[11] >>> 0, page[12] >>> 0, page[13] >>> 0, page[14] >>> 0],
    generation: [page[15] >>> 0, page[16] >>> 0],
    boot: Buffer.from(page.buffer, page.byteOffset + 17 * 4, 16).toString('hex'),
    serial: loadSerial(page),
  };
}

/** Number of the oldest record of slots that may explain the tables; -1 if it is damaged. */
export function loadSerial(page: Int32Array): number {
  return page[SERIAL] === ~page[SERIAL + 1] ? page[SERIAL] : -1;
}

/** One store of 64 bits: a process ends before it or after it. */
export function storeSerial(page: Int32Array, serial: number): void {
  const words = new BigInt64Array(page.buffer, page.byteOffset + SERIAL * 4, 1);
  const both = new BigInt64Array(Int32Array.of(serial, ~serial).buffer);
  Atomics.store(words, 0, both[0]);
}

function checksum(page: Int32Array): Int32Array {
  const copy = page.slice();
  copy.fill(0, SUM, SERIAL + 2);
  const sum = createHash('sha256').update(new Uint8Array(copy.buffer)).digest();
  return new Int32Array(sum.buffer.slice(sum.byteOffset, sum.byteOffset + 32));
}

function wordsOfBoot(boot: string): Int32Array {
  const bytes = new Uint8Array(16);
  bytes.set(Buffer.from(boot, 'hex'));
  return new Int32Array(bytes.buffer);
}
