import type { FlowTable } from '@lb/core';
import type { Burst } from '../burst.js';
import type { Image } from '../image/image.js';
import type { StageParts } from '../pipeline/fast-stages.js';
import type { NatSessions } from '../pipeline/nat-sessions.js';
import type { NativeLibrary } from './library.js';

/** Places in struct lbq_stages (native/include/lbqueue_stages.h), in words of 32 bits; addresses take two. */
const enum S {
  BURST = 0,
  FRAMES = 2,
  IMAGE = 4,
  COUNTERS = 6,
  FLOWS = 8,
  SESSIONS = 18,
  VIPS_AT = 28,
  ASS_AT = 29,
  COUNT = 30,
  NOW = 31,
  INPUT = 32,
  RECEIVED = 33,
  HELD = 34,
  SEEN = 36,
  LONGEST = 37,
  ENCAPS = 38,
  LISTED = 39,
  WORDS = 40,
}

/** Places in struct lbq_table. */
const enum Table {
  WORDS = 0,
  SIDE = 2,
  MASK = 4,
  SHIFT = 5,
  SECRET = 6,
}

/**
 * What a call of the library works on: the engine's own arrays, by address. None of them may be so small that V8 keeps it on
 * its heap, where it would be moved (64 bytes), and they live as long as this.
 */
export class StageContext {
  private readonly bytes = new ArrayBuffer(S.WORDS * 4);
  /** The struct, as the calls take it. */
  readonly argument = new Uint8Array(this.bytes);
  private readonly words = new Int32Array(this.bytes);
  private readonly burst: Burst;
  /** Whatever the library has the address of. */
  private readonly held: unknown[];

  constructor(
    private readonly library: NativeLibrary,
    { burst, frames, flows, counters }: StageParts,
  ) {
    this.burst = burst;
    this.held = [burst, frames, flows, counters, undefined, undefined];
    this.address(S.BURST, burst.words);
    this.address(S.FRAMES, frames.u8);
    this.address(S.COUNTERS, counters.values);
    this.table(S.FLOWS, flows);
    this.words[S.VIPS_AT] = counters.vipsAt;
    this.words[S.ASS_AT] = counters.assAt;
  }

  /** How many packets the last call has listed. */
  get listed(): number {
    return this.words[S.LISTED];
  }

  /** Work with this image and these sessions from the next call on. */
  follow(image: Image, sessions: NatSessions): void {
    this.held[4] = image;
    this.held[5] = sessions;
    this.address(S.IMAGE, image.words);
    this.table(S.SESSIONS, sessions.table);
  }

  /** Before a call: the burst as it is now. */
  load(received: number, held: number): void {
    const { words, burst } = this;
    words[S.COUNT] = burst.count;
    words[S.NOW] = burst.now;
    words[S.INPUT] = burst.input;
    words[S.RECEIVED] = received;
    words[S.HELD] = held;
    words[S.SEEN] = burst.seen;
    words[S.LONGEST] = burst.longest;
    words[S.ENCAPS] = burst.encaps;
  }

  /** After a call: what it has seen in the burst. */
  store(): void {
    const { words, burst } = this;
    burst.seen = words[S.SEEN];
    burst.longest = words[S.LONGEST];
    burst.encaps = words[S.ENCAPS];
  }

  private address(at: number, array: ArrayBufferView): void {
    const address = BigInt(this.library.calls.address(array));
    this.words[at] = Number(address & 0xffffffffn) | 0;
    this.words[at + 1] = Number(address >> 32n) | 0;
  }

  private table(at: number, table: FlowTable): void {
    this.address(at + Table.WORDS, table.words);
    if (table.side.length > 0) this.address(at + Table.SIDE, table.side);
    const { shift, secret } = table.placement;
    this.words[at + Table.MASK] = table.lines - 1;
    this.words[at + Table.SHIFT] = shift;
    this.words.set(secret, at + Table.SECRET);
  }
}
