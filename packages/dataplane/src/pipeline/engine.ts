import { FlowTable } from '@lb/core';
import { B, Burst, Flag } from '../burst.js';
import { Counters } from '../counters.js';
import type { Image } from '../image/image.js';
import { EncapCode, ImageFlag } from '../image/layout.js';
import type { FrameSource, PacketQueue } from '../queues/queue.js';
import { TapWriter } from '../tap/tap-writer.js';
import { createClassify } from './classify.js';
import { answerEcho } from './echo.js';
import { type CreateFastStages, type FastStages, Step } from './fast-stages.js';
import { FLOW_SIDE_WORDS } from './flow-details.js';
import { createForward, forwardListed } from './forward.js';
import { Fragments } from './fragments.js';
import { createHash, createTouch } from './hash.js';
import { clampBurst } from './mss.js';
import { Mtu } from './mtu.js';
import { createNatForward, resolveListed } from './nat-forward.js';
import { natReturn } from './nat-return.js';
import { NatSessions } from './nat-sessions.js';
import { createOutput, outputListed } from './output.js';
import { createParse, parseListed } from './parse.js';
import { createRewrite } from './rewrite.js';
import { createRewriteNat } from './rewrite-nat.js';
import { createSelect, type Peers, selectListed } from './select.js';

const NAT_ENCAPS = (1 << EncapCode.NAT4) | (1 << EncapCode.NAT6);

export type Secret = readonly [number, number, number, number];

export interface EngineOptions {
  image: Image;
  /** Where the frames are; all queues of the engine share them. */
  source: FrameSource;
  /** Lines of four flow-table entries, a power of two (the configuration's `buckets`). */
  flowTableLines: number;
  /** Places flows in tables; random by default, fixed for reproducible runs. */
  secret?: Secret;
  counters?: Counters;
  /** Flow tables of the other workers: as many lines, the same secret. */
  peers?: readonly FlowTable[];
  /** Memory for the flow table (64 bytes a line). */
  flowMemory?: Int32Array;
  /** Memory of the flow table's side words: keep there who each flow is (flow-details.ts). */
  flowDetails?: Int32Array;
  /** Shared memory through which packets are captured and traced (tap-layout.ts). */
  tap?: Int32Array;
  /** NAT sessions that outlive this engine, with as many lines as the flow table. */
  sessions?: NatSessions;
  /** Stages in another language for what is usual; without it the stages here do everything. */
  fastStages?: CreateFastStages;
}

/**
 * One worker's pipeline: its burst, its tables, its counters and the image it follows. Knows nothing of queues' kinds.
 *
 * The stages are made as closures over what never changes for a worker (burst, frames, tables, counters): V8 compiles
 * a closure that exists once with the addresses and lengths of those arrays as constants, which makes the loops a third
 * faster (docs/performance.md). A second engine in one thread works as well, at the speed without.
 */
export class Engine {
  image: Image;
  readonly burst = new Burst();
  readonly flows: FlowTable;
  readonly counters: Counters;
  readonly fragments: Fragments;
  private readonly mtu: Mtu;
  sessions: NatSessions;
  /** Keeps the touch loops from being optimised away. */
  touched = 0;
  /** Tables of the other workers, and until when any flow may come over from one. */
  readonly peers: Peers;
  private readonly tap: TapWriter | undefined;
  private readonly source: FrameSource;
  private readonly secret: Secret | undefined;
  private readonly parse: () => void;
  private readonly classify: (image: Image) => void;
  private readonly hash: (image: Image) => void;
  private readonly touch: () => number;
  private readonly select: (image: Image) => void;
  /** Made for {@link sessions} with the first image that translates. */
  private natForward: ((image: Image) => number) | undefined;
  private readonly rewrite: (image: Image) => void;
  private readonly rewriteNat: (image: Image) => void;
  private readonly output: (image: Image) => void;
  private readonly forward: (received: number) => void;
  private readonly fast: FastStages | undefined;

  constructor(options: EngineOptions) {
    this.image = options.image;
    this.source = options.source;
    this.secret = options.secret;
    const secret = options.secret && { secret: options.secret };
    const memory = options.flowMemory && { memory: options.flowMemory };
    const details = options.flowDetails && { sideWords: FLOW_SIDE_WORDS, side: options.flowDetails };
    this.flows = new FlowTable({ lines: options.flowTableLines, ...secret, ...memory, ...details });
    this.counters = options.counters ?? new Counters();
    this.fragments = new Fragments(options.secret);
    this.mtu = new Mtu(this.counters);
    this.sessions = options.sessions ?? new NatSessions(this.sessionLines(), options.secret);
    const { burst, flows, counters } = this;
    const { frames } = options.source;
    this.parse = createParse(burst, frames);
    this.classify = createClassify(burst, frames);
    this.hash = createHash(burst, frames, flows);
    this.touch = createTouch(burst, flows);
    this.peers = { tables: options.peers ?? [], settlingUntil: 0, looks: 0 };
    this.select = createSelect(burst, frames, flows, counters, this.peers);
    this.makeNatForward();
    this.rewrite = createRewrite(burst, frames);
    this.rewriteNat = createRewriteNat(burst, frames);
    this.output = createOutput(burst, frames);
    this.forward = createForward(burst, counters);
    this.fast = options.fastStages?.({ burst, frames, flows, counters });
    this.fast?.follow(options.image, this.sessions);
    this.tap = options.tap && new TapWriter(options.tap, burst, frames);
  }

  /** Sessions cost twice a flow's memory: only images that translate get a table of full size. */
  private sessionLines(): number {
    return (this.image.flags & ImageFlag.HAS_NAT) !== 0 ? this.flows.lines : 1;
  }

  /** Once there are sessions to close over: a closure made twice is compiled without its arrays' addresses. */
  private makeNatForward(): void {
    if (this.natForward !== undefined || (this.image.flags & ImageFlag.HAS_NAT) === 0) return;
    this.natForward = createNatForward(this.burst, this.source.frames, this.sessions);
  }

  /** Follow another image from the next burst on. Call between bursts. */
  setImage(image: Image): void {
    this.image = image;
    if (this.sessions.table.lines < this.sessionLines()) {
      this.sessions = new NatSessions(this.flows.lines, this.secret);
      this.natForward = undefined;
    }
    this.makeNatForward();
    this.fast?.follow(image, this.sessions);
  }

  /** Run all stages over the received burst; afterwards every packet has its verdict. */
  process(): void {
    if (this.fast !== undefined) this.processFast(this.fast);
    else this.processHere();
  }

  private processHere(): void {
    const { image, burst } = this;
    const received = burst.count;
    this.parse();
    this.beforeClassify();
    this.classify(image);
    this.hash(image);
    this.touched ^= this.touch();
    this.select(image);
    this.beforeRewrite();
    if (this.natForward !== undefined && (burst.encaps & NAT_ENCAPS) !== 0) this.touched ^= this.natForward(image);
    this.rewrite(image);
    if ((image.flags & ImageFlag.HAS_NETWORK) !== 0) this.output(image);
    this.forward(received);
  }

  /** Fragments wait for their first or follow it; answers of NAT go back. */
  private beforeClassify(): void {
    const { image, burst, source, counters } = this;
    const { held } = this.fragments;
    if (held.count > 0) this.fragments.expire(burst.now, counters);
    if ((burst.seen & (Flag.FRAGMENT_FIRST | Flag.FRAGMENT_LATER)) !== 0 || held.count > 0) {
      this.fragments.run(burst, source, image, counters);
    }
    if ((image.nat4Queues | image.nat6Queues) !== 0) {
      natReturn(burst, image, source.frames, this.sessions, counters, this.mtu, source);
    }
  }

  /** What is too long for its way is cut or answered; SYNs get their segment size. */
  private beforeRewrite(): void {
    const { image, burst, source } = this;
    if (burst.longest > image.shortestLimit) this.mtu.run(burst, image, source);
    if ((image.flags & ImageFlag.HAS_MSS) !== 0) clampBurst(burst, image, source.frames);
  }

  /** The same by fast stages, which stop wherever packets are left to the stages here. */
  private processFast(fast: FastStages): void {
    const { image, burst, source, counters, flows, peers, sessions } = this;
    const { frames } = source;
    const received = burst.count;
    burst.reordered = false;
    let step = fast.run(Step.PARSE, received, this.fragments.held.count);
    while (step !== Step.DONE) {
      const { listed } = fast;
      if (step === Step.CLASSIFY) {
        parseListed(burst, frames, listed);
        this.beforeClassify();
      } else if (step === Step.HASH) {
        for (let k = 0; k < listed; k++) answerEcho(burst, frames, burst.words[B.MISSES + k]);
      } else if (step === Step.NAT) {
        if (listed > 0) selectListed(burst, image, frames, flows, counters, peers, listed);
        this.beforeRewrite();
      } else {
        resolveListed(burst, image, frames, sessions, listed);
      }
      step = fast.run(step, received, 0);
    }
    if (fast.listed === 0) return;
    if ((burst.encaps & NAT_ENCAPS) !== 0) this.rewriteNat(image);
    if ((image.flags & ImageFlag.HAS_NETWORK) !== 0) outputListed(burst, image, frames, fast.listed);
    forwardListed(burst, counters, fast.listed);
  }

  /** Receive, process and send one burst; the queue's frames are those of the engine's source. Returns packets received. */
  poll(queue: PacketQueue): number {
    const received = queue.rx(this.burst);
    if (received === 0) return 0;
    const tapped = this.tap?.begin() === true;
    this.process();
    if (tapped) this.tap?.end(this.image);
    queue.tx(this.burst);
    return received;
  }

  /** Give up on fragments still waiting for their first: the input has ended. */
  finish(now: number): void {
    this.fragments.expire((now + 0x40000000) | 0, this.counters);
  }
}
