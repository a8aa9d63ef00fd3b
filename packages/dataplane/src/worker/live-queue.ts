import type { PacketQueue } from '../queues/queue.js';

/** How a worker waits when a queue runs dry. */
export interface Patience {
  /** A burst of fewer packets than this means that the queue has run dry. */
  readonly dryBelow: number;
  /** How often a dry queue is asked again before the thread goes to sleep: packets often follow each other closely. */
  readonly spins: number;
  /** First sleep, in µs. Doubled while nothing comes at all, up to the longest. */
  readonly shortestUs: number;
  readonly longestUs: number;
}

/** A queue that a worker can serve. */
export interface LiveQueue extends PacketQueue {
  readonly patience: Patience;
  /** Packets that were to be sent and were not, so far. */
  readonly unsent: number;
  /** Packets for the kernel that could not be handed over, so far. */
  readonly unpunted: number;
  /** Blocks the thread until packets or a command have come, for `timeoutUs` at most. */
  wait(timeoutUs: number): void;
}
