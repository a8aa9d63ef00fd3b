import type { FrameViews } from '@lb/encap';
import { BURST_CAPACITY, BURST_PACKETS, type Burst } from '../burst.js';
import { type Clock, monotonicClock } from '../clock.js';
import type { PacketQueue } from '../queues/queue.js';
import { Verdict } from '../verdicts.js';
import type { NativePool } from './native-pool.js';
import type { NativeQueue } from './native-queue.js';
import { SendList } from './send-list.js';

export interface NativeQueuesOptions {
  readonly pool: NativePool;
  /** The index of a queue is its input and output number. */
  readonly queues: readonly NativeQueue[];
  /**
   * By the number of the queue a packet came from: takes what is not ours back to the host. Where there is none such
   * packets are freed: right for AF_PACKET and TAP, whose packets the kernel has seen itself.
   */
  readonly punts?: readonly (NativeQueue | undefined)[];
  /** Takes packets that the kernel is to route (OUTPUT_KERNEL); without it they are dropped and counted. */
  readonly kernel?: NativeQueue;
  readonly clock?: Clock;
}

/**
 * Several native queues of one pool as the engine's queue: a burst comes from one of them, in turn; packets leave by
 * the queue that `burst.output` names. Belongs to one thread.
 */
export class NativeQueues implements PacketQueue {
  readonly frames: FrameViews;
  /** Packets that were to be sent and were not: the ring was full, or no such queue. */
  unsent = 0;
  /** Packets for the host or its routing that could not be handed over. */
  unpunted = 0;
  private readonly pool: NativePool;
  private readonly queues: readonly NativeQueue[];
  private readonly punts: readonly (NativeQueue | undefined)[];
  private readonly kernel: NativeQueue | undefined;
  private readonly clock: Clock;
  private readonly handles: Int32Array;
  /** Per output; then what goes to the kernel, back to the host, and back to the pool. */
  private readonly lists: readonly SendList[];
  private readonly toKernel = new SendList();
  private readonly toHost = new SendList();
  private readonly toPool = new SendList();
  private readonly order = new Int32Array(BURST_CAPACITY);
  private turn = 0;

  constructor(options: NativeQueuesOptions) {
    this.pool = options.pool;
    this.frames = options.pool.frames;
    this.queues = options.queues;
    this.punts = options.punts ?? [];
    this.kernel = options.kernel;
    this.clock = options.clock ?? monotonicClock;
    this.handles = Int32Array.from(options.queues, (queue) => queue.handle);
    this.lists = options.queues.map(() => new SendList());
  }

  rx(burst: Burst): number {
    const { queues } = this;
    burst.now = this.clock();
    for (let tried = 0; tried < queues.length; tried++) {
      const input = this.turn;
      this.turn = input + 1 < queues.length ? input + 1 : 0;
      const n = queues[input].rx(burst.offset, burst.length, BURST_PACKETS);
      if (n === 0) continue;
      burst.input = input;
      burst.count = n;
      return n;
    }
    burst.count = 0;
    return 0;
  }

  tx(burst: Burst): void {
    if (burst.reordered) this.sortOut(burst);
    else for (let i = this.sendFront(burst); i < burst.count; i++) this.place(burst, i);
    this.flush(burst.input);
  }

  /** Sends the usual burst, which all goes one way, as it stands. Returns how many packets were taken, from the front. */
  private sendFront(burst: Burst): number {
    const { verdict, output, count } = burst;
    const to = count > 0 ? output[0] : -1;
    if (to < 0 || to >= this.queues.length) return 0;
    for (let i = 0; i < count; i++) if (verdict[i] !== Verdict.FORWARD || output[i] !== to) return 0;
    return this.queues[to].tx(burst.offset, burst.length, count);
  }

  /** Put packet `i` on the list of where it goes. */
  private place(burst: Burst, i: number): void {
    const verdict = burst.verdict[i];
    const offset = burst.offset[i];
    const length = burst.length[i];
    if (verdict === Verdict.FORWARD || verdict === Verdict.REPLY) {
      const output = burst.output[i];
      if (output >= 0 && output < this.lists.length) this.lists[output].add(offset, length);
      else if (output < 0 && this.kernel !== undefined) this.toKernel.add(offset, length);
      else this.giveUp(offset, length);
    } else if (verdict === Verdict.PUNT && this.punts[burst.input] !== undefined) {
      this.toHost.add(offset, length);
    } else {
      this.toPool.add(offset, length);
    }
  }

  private giveUp(offset: number, length: number): void {
    this.unsent++;
    this.toPool.add(offset, length);
  }

  /** Place in sending order: by sequence, packets of the same one as they stand. An insertion sort, for few are out of place. */
  private sortOut(burst: Burst): void {
    const { order } = this;
    const { sequence, count } = burst;
    for (let i = 0; i < count; i++) {
      let to = i;
      for (; to > 0 && sequence[order[to - 1]] > sequence[i]; to--) order[to] = order[to - 1];
      order[to] = i;
    }
    for (let k = 0; k < count; k++) this.place(burst, order[k]);
  }

  private flush(input: number): void {
    const { lists, queues, toPool } = this;
    for (let q = 0; q < lists.length; q++) {
      if (lists[q].count > 0) this.unsent += lists[q].send(queues[q], toPool);
    }
    if (this.toKernel.count > 0) this.unpunted += this.toKernel.send(this.kernel!, toPool);
    if (this.toHost.count > 0) this.unpunted += this.toHost.send(this.punts[input]!, toPool);
    if (toPool.count === 0) return;
    this.pool.free(toPool.offset, toPool.count);
    toPool.count = 0;
  }

  allocate(lengthBytes: number): number {
    return this.pool.allocate(lengthBytes);
  }

  /** Blocks the thread until one of the queues has something, for `timeoutUs` at most. */
  wait(timeoutUs: number): void {
    const { library } = this.pool;
    library.check(library.calls.wait(this.handles, this.handles.length, timeoutUs));
  }

  /** Nothing: pool and queues belong to who opened them. */
  close(): void {}
}
