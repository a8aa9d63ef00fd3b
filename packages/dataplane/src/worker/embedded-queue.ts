import { BURST_PACKETS } from '../burst.js';
import { MemoryQueue, type MemoryQueueOptions } from '../queues/memory-queue.js';
import type { LiveQueue, Patience } from './live-queue.js';
import { Command, Status } from './worker-status.js';

/** The embedded memory queue as a worker serves it. Traffic is made at a rate, so one that waits loses nothing. */
export class EmbeddedQueue extends MemoryQueue implements LiveQueue {
  readonly patience: Patience = { dryBelow: BURST_PACKETS, spins: 0, shortestUs: 2000, longestUs: 20_000 };
  readonly unsent = 0;
  readonly unpunted = 0;

  constructor(
    private readonly status: Int32Array,
    options: MemoryQueueOptions,
  ) {
    super(options);
  }

  /** Ends early when the command changes or somebody notifies. */
  wait(timeoutUs: number): void {
    Atomics.wait(this.status, Status.COMMAND, Command.RUN, timeoutUs / 1000);
  }
}
