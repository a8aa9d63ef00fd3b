import type { FlowTable } from '@lb/core';
import { TICKS_PER_SECOND } from '../src/clock.js';
import { ImageCompiler } from '../src/image/compiler.js';
import { FlowState } from '../src/image/lifetimes.js';
import type { ImageSpec } from '../src/image/spec.js';
import { nativeLibrary, nativeStages } from '../src/native/index.js';
import { Engine } from '../src/pipeline/engine.js';
import { FLOW_SIDE_WORDS } from '../src/pipeline/flow-details.js';
import { HandQueue } from './hand-queue.testkit.js';

const LINES = 64;

/** Of RFC 9293. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

/** All different, so that an end says which timeout it is from. */
export const TIMEOUTS = { tcpSec: 100, tcpOpeningSec: 5, tcpClosingSec: 7, udpSec: 20, otherSec: 30 };

/** What an entry is like, in a flow table or a table of sessions. */
export interface Entry {
  readonly state: 'established' | 'opening' | 'closing';
  /** Until it ends. */
  readonly seconds: number;
}

export type Stages = 'typescript' | 'native';

/** An engine whose entries can be looked at. */
export class LifeWorld {
  readonly compiler = new ImageCompiler();
  readonly queue = new HandQueue();
  readonly engine: Engine;
  private revision = 0;

  constructor(first: ImageSpec, stages: Stages, peers: readonly FlowTable[] = []) {
    this.engine = new Engine({
      image: this.compiler.compile(first, { revision: ++this.revision }),
      source: this.queue,
      flowTableLines: LINES,
      secret: [1, 2, 3, 4],
      flowDetails: new Int32Array(LINES * 4 * FLOW_SIDE_WORDS),
      peers,
      ...(stages === 'native' && { fastStages: nativeStages(nativeLibrary()) }),
    });
  }

  change(next: ImageSpec): void {
    this.engine.setImage(this.compiler.compile(next, { revision: ++this.revision }));
  }

  /** Process a burst, `seconds` after the one before. */
  send(frames: readonly Uint8Array[], seconds = 0): void {
    this.queue.tick += seconds * TICKS_PER_SECOND;
    this.queue.waiting = [...frames];
    this.engine.poll(this.queue);
  }

  /** Entry of the flow of packet `i` of the last burst; undefined if it has none. */
  flow(i = 0): Entry | undefined {
    const { burst, flows } = this.engine;
    return this.entry(flows, burst.lo[i]!, burst.hi[i]!);
  }

  /** Session of a packet to a server, which is not of a flow with another client port. */
  session(i = 0): Entry | undefined {
    const { burst, sessions } = this.engine;
    return this.entry(sessions.table, burst.natLo[i]!, burst.natHi[i]!);
  }

  private entry(table: FlowTable, lo: number, hi: number): Entry | undefined {
    const at = table.find(lo, hi, this.queue.tick);
    if (at < 0) return undefined;
    const state = table.valueAt(at) & FlowState.MASK;
    return {
      state: state === FlowState.ESTABLISHED ? 'established' : state === FlowState.OPENING ? 'opening' : 'closing',
      seconds: (table.expiryAt(at) - this.queue.tick) / TICKS_PER_SECOND,
    };
  }
}
