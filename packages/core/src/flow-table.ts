import { LbError } from './errors.js';

/** The little of WebAssembly's interface used here; neither Node's nor the language's type libraries declare it. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => { readonly buffer: SharedArrayBuffer };
};

/**
 * The flow table of one worker: which value (AS slot) an established flow belongs to.
 *
 * Layout: `lines` of 64 bytes (one cache line), each with four entries, as 16 words:
 *
 *     word   0..3    4..7    8..11           12..15
 *            id lo   id hi   expiry (ticks)  value (0 = free)
 *
 * - An entry is live while `(expiry - now) | 0 > 0`: signed difference of 32-bit ticks, so the clock may wrap.
 *   Expiry is lazy; {@link FlowTable.sweep} clears what nobody asks for, long before a wrap could revive it.
 * - A flow has two possible lines, both derived from its 64-bit identity and a secret of this process. It is put into
 *   the first if there is room, else the second, else an entry of either is moved to *its* other line.
 *   The flow is untracked only if all of that fails. One line alone would lose 3.7 % of the flows at half load
 *   (Poisson(2) over four places); measured for this scheme: docs/performance.md.
 * - Identities are known to whoever knows the hash of flows, so where they are put has to be what nobody can guess:
 *
 *       x = (lo ^ s0) * k1    x ^= x >>> 15      s0, k1, k2, k3: the secret, the last three odd
 *       y = (hi + x) * k2     y ^= y >>> 14      lines: the upper bits of
 *       x = (x + y) * k3      x ^= x >>> 16      x * LINE_FACTOR and (y + x) * OTHER_LINE_FACTOR
 *
 *   (x, y) is a permutation of (lo, hi). Each half is multiplied by a secret and folded before the two meet: a sum of
 *   the two halves multiplied is the same for many identities that differ in upper bits, whatever the factors
 *   (flow-table-flood.test.ts: it lost 88 % of such flows in a table half full).
 * - One writer (the worker), but for {@link FlowTable.endShared}. Positions returned are word indices of the entry's id-lo word and stay valid until the
 *   next insert.
 */

export const LINE_WORDS = 16;
export const ENTRIES_PER_LINE = 4;
const HI = 4;
const EXPIRY = 8;
const VALUE = 12;

/** Entries looked at for making room, at most and at least in a burst; and how many more each is worth that could be moved. */
const MOST_LOOKS = 64;
const LEAST_LOOKS = 4;
const LOOKS_EARNED = 8;

const LINE_FACTOR = 0x9e3779b1;
const OTHER_LINE_FACTOR = 0x85ebca6b;

/** Largest number of lines: 2^24 (1 GiB, 64 million entries). */
export const MAX_FLOW_TABLE_LINES = 1 << 24;

export interface FlowTableOptions {
  /** Number of lines, a power of two from 1 to 2^24. */
  lines: number;
  /** Secret words that place flows into lines; random by default, fixed for reproducible runs. */
  secret?: readonly [number, number, number, number];
  /** Words that go with each entry beside the line (kept when an entry moves). Default 0. */
  sideWords?: number;
  /** Memory of `lines * 64` bytes to use, zeroed or holding a table with the same secret; allocated if absent. */
  memory?: Int32Array;
  /** Memory of `lines * 4 * sideWords` words for the side words, which goes with `memory`; allocated if absent. */
  side?: Int32Array;
}

export class FlowTable {
  readonly lines: number;
  /** The lines, 16 words each. */
  readonly words: Int32Array;
  /** Side words: entry `e` of line `l` has `sideWords` words from `(l * 4 + e) * sideWords`. */
  readonly side: Int32Array;
  readonly sideWords: number;
  /** Sum of what was loaded ahead of time, kept so that such loads are not optimised away. */
  touched = 0;
  /** How many entries {@link insert} may look at to make room, until {@link allowMoves} is called again. */
  private moveBudget = 0;
  /** How many it is worth to look at next time: few where hardly any look finds room, as in a full table. */
  private patience = MOST_LOOKS;
  private readonly shift: number;
  private readonly s0: number;
  private readonly k1: number;
  private readonly k2: number;
  private readonly k3: number;

  constructor(options: FlowTableOptions) {
    const { lines } = options;
    if (!Number.isInteger(lines) || lines < 1 || lines > MAX_FLOW_TABLE_LINES || (lines & (lines - 1)) !== 0) {
      throw new LbError('LB_FLOW_TABLE_LINES', `flow table lines: ${lines} is not a power of two from 1 to 16777216`);
    }
    this.lines = lines;
    this.words = options.memory ?? alignedWords(lines * LINE_WORDS);
    if (this.words.length !== lines * LINE_WORDS) {
      throw new LbError(
        'LB_FLOW_TABLE_MEMORY',
        `flow table memory: ${this.words.length} words given, ${lines} lines need ${lines * LINE_WORDS}`,
      );
    }
    this.sideWords = options.sideWords ?? 0;
    this.side = options.side ?? new Int32Array(lines * ENTRIES_PER_LINE * this.sideWords);
    if (this.side.length !== lines * ENTRIES_PER_LINE * this.sideWords) {
      throw new LbError(
        'LB_FLOW_TABLE_MEMORY',
        `flow table side memory: ${this.side.length} words given, ${lines} lines need ${lines * ENTRIES_PER_LINE * this.sideWords}`,
      );
    }
    const secret = options.secret ?? randomSecret();
    this.s0 = secret[0] | 0;
    this.k1 = secret[1] | 1;
    this.k2 = secret[2] | 1;
    this.k3 = secret[3] | 1;
    // A shift of 32 means 0 in JavaScript: a one-line table masks with `lines - 1` as well.
    this.shift = 32 - Math.log2(lines);
    this.allowMoves();
  }

  /**
   * What places identities, for who looks entries up in another language: the shift (0 to 31) and the four secret words,
   * of which the last three are odd. With one line any shift will do.
   */
  get placement(): { readonly shift: number; readonly secret: readonly [number, number, number, number] } {
    return { shift: this.shift & 31, secret: [this.s0, this.k1, this.k2, this.k3] };
  }

  /** Word index of the first line of an identity; touch it early and pass it to {@link find}. */
  firstLine(lo: number, hi: number): number {
    let x = Math.imul(lo ^ this.s0, this.k1);
    x ^= x >>> 15;
    let y = Math.imul(hi + x, this.k2);
    y ^= y >>> 14;
    x = Math.imul(x + y, this.k3);
    return this.place(Math.imul(x ^ (x >>> 16), LINE_FACTOR));
  }

  /** Word index of the other line of an identity. */
  secondLine(lo: number, hi: number): number {
    let x = Math.imul(lo ^ this.s0, this.k1);
    x ^= x >>> 15;
    let y = Math.imul(hi + x, this.k2);
    y ^= y >>> 14;
    x = Math.imul(x + y, this.k3);
    return this.place(Math.imul(y + (x ^ (x >>> 16)), OTHER_LINE_FACTOR));
  }

  private place(h: number): number {
    return ((h >>> this.shift) & (this.lines - 1)) << 4;
  }

  /** {@link firstLine} of a column of identities: `words[line + i]` from `words[lo + i]` and `words[hi + i]`. */
  firstLineColumn(words: Int32Array, count: number, lo: number, hi: number, line: number): void {
    const { s0, k1, k2, k3, shift } = this;
    const mask = this.lines - 1;
    for (let i = 0; i < count; i++) {
      let x = Math.imul(words[lo + i] ^ s0, k1);
      x ^= x >>> 15;
      let y = Math.imul(words[hi + i] + x, k2);
      y ^= y >>> 14;
      x = Math.imul(x + y, k3);
      words[line + i] = ((Math.imul(x ^ (x >>> 16), LINE_FACTOR) >>> shift) & mask) << 4;
    }
  }

  /** Position of a live entry in the line at word `line`, or -1. `lo` and `hi` are signed words. */
  findInLine(line: number, lo: number, hi: number, now: number): number {
    const words = this.words;
    // Written out: a loop over the four entries costs a fifth more (docs/performance.md).
    let at = line;
    if (words[at] !== lo || words[at + HI] !== hi) {
      at = line + 1;
      if (words[at] !== lo || words[at + HI] !== hi) {
        at = line + 2;
        if (words[at] !== lo || words[at + HI] !== hi) {
          at = line + 3;
          if (words[at] !== lo || words[at + HI] !== hi) return -1;
        }
      }
    }
    return words[at + VALUE] !== 0 && ((words[at + EXPIRY] - now) | 0) > 0 ? at : -1;
  }

  /**
   * Position of the live entry of an identity, or -1.
   * @param lo @param hi identity, signed 32-bit halves
   * @param now ticks, modulo 2^32
   */
  find(lo: number, hi: number, now: number): number {
    const at = this.findInLine(this.firstLine(lo, hi), lo, hi, now);
    return at >= 0 ? at : this.findInSecondLine(lo, hi, now);
  }

  findInSecondLine(lo: number, hi: number, now: number): number {
    return this.findInLine(this.secondLine(lo, hi), lo, hi, now);
  }

  /**
   * Enter an identity that {@link find} did not find. Returns its position, or -1 when there is no room
   * (the flow is then untracked).
   * @param expiry ticks at which the entry ends unless refreshed, modulo 2^32
   * @param value any non-zero word
   */
  insert(lo: number, hi: number, now: number, expiry: number, value: number): number {
    const first = this.firstLine(lo, hi);
    let at = this.freeInLine(first, lo, hi, now);
    if (at < 0) {
      const second = this.secondLine(lo, hi);
      at = this.freeInLine(second, lo, hi, now);
      if (at < 0) at = this.makeRoom(first, now);
      if (at < 0) at = this.makeRoom(second, now);
    }
    if (at < 0) return -1;
    const words = this.words;
    // Who reads this table from another thread sees no value with another flow's identity.
    words[at + VALUE] = 0;
    words[at] = lo;
    words[at + HI] = hi;
    words[at + EXPIRY] = expiry;
    words[at + VALUE] = value;
    return at;
  }

  /**
   * As {@link insert}, but where there is no room the entry of the identity's first line that would end first gives way.
   */
  insertOver(lo: number, hi: number, now: number, expiry: number, value: number): number {
    const at = this.insert(lo, hi, now, expiry, value);
    if (at >= 0) return at;
    const words = this.words;
    const line = this.firstLine(lo, hi);
    let oldest = line;
    for (let other = line + 1; other < line + ENTRIES_PER_LINE; other++) {
      if (((words[other + EXPIRY] - words[oldest + EXPIRY]) | 0) < 0) oldest = other;
    }
    words[oldest] = lo;
    words[oldest + HI] = hi;
    words[oldest + EXPIRY] = expiry;
    words[oldest + VALUE] = value;
    return oldest;
  }

  /**
   * A place for an identity in a line, or -1. The first entry with this identity, dead as it is, before any other: left
   * in front of the live one it would hide it from {@link findInLine}.
   */
  private freeInLine(line: number, lo: number, hi: number, now: number): number {
    const words = this.words;
    let free = -1;
    for (let at = line; at < line + ENTRIES_PER_LINE; at++) {
      if (words[at] === lo && words[at + HI] === hi) return at;
      if (free < 0 && (words[at + VALUE] === 0 || ((words[at + EXPIRY] - now) | 0) <= 0)) free = at;
    }
    return free;
  }

  /** Move one entry of a full line to its other line; returns the place this frees, or -1. */
  private makeRoom(line: number, now: number): number {
    const words = this.words;
    for (let at = line; at < line + ENTRIES_PER_LINE; at++) {
      if (this.moveBudget <= 0) return -1;
      this.moveBudget--;
      if (this.patience > LEAST_LOOKS) this.patience--;
      const lo = words[at];
      const hi = words[at + HI];
      const first = this.firstLine(lo, hi);
      const to = this.freeInLine(first === line ? this.secondLine(lo, hi) : first, lo, hi, now);
      // Both lines of an entry can be the same one.
      if (to < 0 || to === at) continue;
      this.patience = Math.min(MOST_LOOKS, this.patience + LOOKS_EARNED);
      // Side words first: other threads may read them as soon as the identity is there.
      for (let s = 0; s < this.sideWords; s++) this.side[this.sideAt(to) + s] = this.side[this.sideAt(at) + s];
      words[to + VALUE] = 0;
      words[to] = lo;
      words[to + HI] = hi;
      words[to + EXPIRY] = words[at + EXPIRY];
      words[to + VALUE] = words[at + VALUE];
      return at;
    }
    return -1;
  }

  /**
   * Allow inserts to look at `entries` entries in all for making room. Called once per burst: it bounds what a flood
   * of new flows can cost (each look is a cache miss). In a full table, where looks are in vain, they become fewer.
   */
  allowMoves(entries = MOST_LOOKS): void {
    this.moveBudget = Math.min(entries, this.patience);
  }

  /** Value of the entry at a position. */
  valueAt(at: number): number {
    return this.words[at + VALUE];
  }

  setValue(at: number, value: number): void {
    this.words[at + VALUE] = value;
  }

  /** Move the end of the entry at a position to `expiry` (ticks modulo 2^32). */
  refresh(at: number, expiry: number): void {
    this.words[at + EXPIRY] = expiry;
  }

  expiryAt(at: number): number {
    return this.words[at + EXPIRY];
  }

  /**
   * End the entry at a position now, if it is still this identity's, in a table that another thread writes. That one may
   * give the place to another flow or keep the entry meanwhile: then nothing happens.
   */
  endShared(at: number, lo: number, hi: number, now: number): void {
    const { words } = this;
    const expiry = Atomics.load(words, at + EXPIRY);
    if (Atomics.load(words, at) !== lo || Atomics.load(words, at + HI) !== hi) return;
    Atomics.compareExchange(words, at + EXPIRY, expiry, now);
  }

  /** Forget the entry at a position. */
  remove(at: number): void {
    this.words[at + VALUE] = 0;
  }

  /** Index into {@link side} of the side words of the entry at a position. */
  sideAt(at: number): number {
    return ((at >>> 4) * ENTRIES_PER_LINE + (at & 3)) * this.sideWords;
  }

  /**
   * Walk `count` lines from line `from` (wrapping): clear expired entries and call nothing. Returns the number of live
   * entries seen.
   * @param perValue if given, live entries are counted here by the low 24 bits of their value
   * @param perState likewise by bits 28 and 29: four numbers
   */
  sweep(
    from: number,
    count: number,
    now: number,
    perValue?: Uint32Array | Float64Array,
    perState?: Uint32Array | Float64Array,
  ): number {
    const words = this.words;
    let live = 0;
    for (let k = 0; k < count; k++) {
      const line = ((from + k) & (this.lines - 1)) << 4;
      for (let at = line; at < line + ENTRIES_PER_LINE; at++) {
        const value = words[at + VALUE];
        if (value === 0) continue;
        if (((words[at + EXPIRY] - now) | 0) <= 0) {
          words[at + VALUE] = 0;
          continue;
        }
        live++;
        if (perValue !== undefined) {
          const index = value & 0xffffff;
          if (index < perValue.length) perValue[index] = perValue[index] + 1;
        }
        if (perState !== undefined) {
          const state = (value >>> 28) & 3;
          perState[state] = perState[state] + 1;
        }
      }
    }
    return live;
  }

  /** Forget everything. */
  clear(): void {
    this.words.fill(0);
  }
}

function randomSecret(): [number, number, number, number] {
  const words = new Uint32Array(4);
  globalThis.crypto.getRandomValues(words);
  return [words[0], words[1], words[2], words[3]];
}

/**
 * Words that start on a cache line: an ordinary array buffer starts 16 bytes behind one, so that every table line would
 * touch two (select: 144 ns against 33 ns a packet with a million flows). WebAssembly memory starts on a page and is
 * plain memory otherwise.
 */
export function alignedWords(words: number): Int32Array {
  // V8 reserves gigabytes of address space for each such memory: not for tables that fit a page anyway.
  if (words * 4 < 65536) return new Int32Array(new SharedArrayBuffer(words * 4));
  const pages = Math.max(1, Math.ceil((words * 4) / 65536));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return new Int32Array(memory.buffer, 0, words);
}
