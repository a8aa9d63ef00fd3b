/**
 * The tap of one worker: 32-bit words in shared memory through which it hands out what became of its packets. One
 * thread writes records (the worker, or its successor), one reads them (the supervisor's). (Const enums: see burst.ts.)
 *
 * | state of STATE | meaning                                         | who moves it on                        |
 * | -------------- | ----------------------------------------------- | -------------------------------------- |
 * | 0              | off: the worker records nothing                 | supervisor: writes a filter, then n    |
 * | n > 0          | on, for what the filter lets through            | supervisor: 0; another n comes later   |
 *
 * - The filter is only written while STATE is 0. A worker that sees another n copies the filter, looks at STATE again, and
 *   uses its copy only if that has not changed.
 * - Every record carries its n: what a worker still records for a filter before is passed over by the reader.
 * - HEAD is moved by the writer when a record is whole, TAIL by the reader when it has copied one. Both count words and
 *   never go back, modulo 2^32; between them lie records. What finds no room is counted and left out: no packet waits.
 */
export const enum T {
  STATE = 0,
  HEAD = 1,
  TAIL = 2,
  /** Records made, and packets that found no room, under the filter of number COUNTED. By the worker. */
  RECORDED = 3,
  MISSED = 4,
  COUNTED = 5,
  /** A {@link F}. */
  FILTER = 16,
  /** Records: a ring of {@link TAP_RING_WORDS}. */
  RING = 64,
}

/** Words of a worker's ring, a power of two: 1 MiB, of which the system gives pages as they are written. */
export const TAP_RING_WORDS = 1 << 18;
export const TAP_WORDS = T.RING + TAP_RING_WORDS;

/** Words of a filter. */
export const enum F {
  /** Wants bits: which of the words below matter. */
  WANTS = 0,
  VIP = 1,
  PROTOCOL = 2,
  /** Raw. */
  PORT = 3,
  /** Bit 1 << verdict. */
  VERDICTS = 4,
  REASON = 5,
  /** Bytes kept of a packet. */
  SNAP_BYTES = 6,
  /** Most records; 0: no limit. */
  LIMIT = 7,
  /** Raw address of the AS, four words. */
  AS = 8,
  /** Words of PREFIX and MASK that count: 1 or 4, which is the family. */
  PREFIX_WORDS = 12,
  PREFIX = 13,
  MASK = 17,
  /** One of so many wanted packets is recorded. */
  ONE_IN = 21,
  WORDS = 22,
}

export const enum Wants {
  VIP = 1,
  AS = 2,
  PROTOCOL = 4,
  PORT = 8,
  REASON = 16,
  PREFIX = 32,
}

/** Words of a record. Behind them the packet as received, then as sent, each padded to whole words. */
export const enum R {
  /** Of the whole record; 0: the ring goes on at its beginning. */
  WORDS = 0,
  STATE = 1,
  /** Time since 1970. */
  SEC = 2,
  NSEC = 3,
  /** Verdict, reason << 8, Tracking << 16. */
  VERDICT = 4,
  /** Flag bits of the burst. */
  FLAGS = 5,
  /** Protocol, family (4, 6; 0: no flow was found in the packet) << 16. */
  KIND = 6,
  PORTS = 7,
  /** Raw addresses of the flow, as received. */
  SOURCE = 8,
  DESTINATION = 12,
  /** Slots and bucket; −1: none. */
  VIP = 16,
  AS = 17,
  BUCKET = 18,
  LO = 19,
  HI = 20,
  INPUT = 21,
  /** Queue, OUTPUT_KERNEL, or OUTPUT_UNSAID. */
  OUTPUT = 22,
  /** Revision of the image by which slots are understood. */
  REVISION = 23,
  /** Bytes that the packet had, and that are here; 0 of a packet made here, or not sent. */
  BEFORE_LENGTH = 24,
  BEFORE_BYTES = 25,
  AFTER_LENGTH = 26,
  AFTER_BYTES = 27,
  COUNT = 28,
}

/** Offline, frames leave as they came. */
export const OUTPUT_UNSAID = -2;

export const MIN_SNAP_BYTES = 64;
export const MAX_SNAP_BYTES = 2048;
