import { FlowTable } from '@lb/core';
import { type Burst, Flag } from '../burst.js';
import { Counters } from '../counters.js';
import type { Image } from '../image/image.js';
import { ImageFlag } from '../image/layout.js';
import type { FrameSource, PacketQueue } from '../queues/queue.js';
import { classify } from './classify.js';
import { forward } from './forward.js';
import { Fragments } from './fragments.js';
import { hash, touch } from './hash.js';
import { natForward } from './nat-forward.js';
import { natReturn } from './nat-return.js';
import { NatSessions } from './nat-sessions.js';
import { parse } from './parse.js';
import { rewrite } from './rewrite.js';
import { select } from './select.js';

export type Secret = readonly [number, number, number, number];

export interface EngineOptions {
  image: Image;
  /** Lines of four flow-table entries, a power of two (the configuration's `buckets`). */
  flowTableLines: number;
  /** Places flows in tables; random by default, fixed for reproducible runs. */
  secret?: Secret;
  counters?: Counters;
  /** Memory for the flow table (64 bytes a line). */
  flowMemory?: Int32Array;
}

/** One worker's pipeline: its tables, its counters and the image it follows. Knows nothing of queues' kinds. */
export class Engine {
  image: Image;
  readonly flows: FlowTable;
  readonly counters: Counters;
  readonly fragments: Fragments;
  sessions: NatSessions;
  /** Keeps the touch loops from being optimised away. */
  touched = 0;
  private readonly secret: Secret | undefined;

  constructor(options: EngineOptions) {
    this.image = options.image;
    this.secret = options.secret;
    const secret = options.secret && { secret: options.secret };
    const memory = options.flowMemory && { memory: options.flowMemory };
    this.flows = new FlowTable({ lines: options.flowTableLines, ...secret, ...memory });
    this.counters = options.counters ?? new Counters();
    this.fragments = new Fragments(options.secret);
    this.sessions = new NatSessions(this.sessionLines(), options.secret);
  }

  /** Sessions cost twice a flow's memory: only images that translate get a table of full size. */
  private sessionLines(): number {
    return (this.image.flags & ImageFlag.HAS_NAT) !== 0 ? this.flows.lines : 1;
  }

  /** Follow another image from the next burst on. Call between bursts. */
  setImage(image: Image): void {
    this.image = image;
    if (this.sessions.table.lines < this.sessionLines()) this.sessions = new NatSessions(this.flows.lines, this.secret);
  }

  /** Run all stages over a received burst; afterwards every packet has its verdict. */
  process(burst: Burst, source: FrameSource): void {
    const { image, counters, flows } = this;
    const frames = source.frames;
    const received = burst.count;
    parse(burst, frames);
    if ((burst.seen & (Flag.FRAGMENT_FIRST | Flag.FRAGMENT_LATER)) !== 0) {
      this.fragments.run(burst, source, image, counters);
    }
    if (this.fragments.held.count > 0) this.fragments.expire(burst.now, counters);
    if ((image.flags & (ImageFlag.NAT4_IN | ImageFlag.NAT6_IN)) !== 0) {
      natReturn(burst, image, frames, this.sessions, counters);
    }
    classify(burst, image, frames);
    hash(burst, image, frames, flows);
    this.touched ^= touch(burst, flows);
    select(burst, image, frames, flows, counters);
    if ((image.flags & ImageFlag.HAS_NAT) !== 0) {
      this.touched ^= natForward(burst, image, frames, this.sessions);
    }
    rewrite(burst, image, frames);
    forward(burst, image, frames, counters, received);
  }

  /** Receive, process and send one burst. Returns the packets received. */
  poll(queue: PacketQueue, burst: Burst): number {
    const received = queue.rx(burst);
    if (received === 0) return 0;
    this.process(burst, queue);
    queue.tx(burst);
    return received;
  }

  /** Give up on fragments still waiting for their first: the input has ended. */
  finish(now: number): void {
    this.fragments.expire((now + 0x40000000) | 0, this.counters);
  }
}
