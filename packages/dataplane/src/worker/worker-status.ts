/**
 * What a worker and its supervisor tell each other: 32-bit words in shared memory, one block per worker that outlives
 * the threads which serve it one after the other. (Const enums: see burst.ts.)
 *
 * | state    | meaning                                             | left by                                       | who moves it |
 * | -------- | --------------------------------------------------- | --------------------------------------------- | ------------ |
 * | stopped  | no thread; nobody touches tables or queues          | a thread is started: starting                 | supervisor   |
 * | starting | the thread opens its queues, waits for its image    | image taken: running; STOP: ended             | worker       |
 * | running  | the worker owns its queues and tables               | STOP seen: ended                              | worker       |
 * | ended    | loop left, nothing is touched any more              | the thread is gone: stopped                   | supervisor   |
 * | dead     | thread gone from starting or running: it had failed | frames reclaimed, queues whole again: stopped | supervisor   |
 *
 * The supervisor moves a state only while there is no thread: before it starts one, and after the thread's `exit`.
 * So two threads never serve one queue or write one table. A worker that is stuck is ended first, and its `exit` awaited.
 */
export const enum Status {
  /** A Command. Written by the supervisor; workers that wait for time wait on this word. */
  COMMAND = 0,
  /** A WorkerState. */
  STATE = 1,
  /** Changes with every turn of the loop: one that stands still while running is stuck. Written by the worker. */
  HEARTBEAT = 2,
  /** Threads started so far. Written by the supervisor. */
  STARTS = 3,
  /** Passes over the flow table completed, and the image revision in use when the last of them began. By the worker. */
  PASSES = 4,
  PASS_REVISION = 5,
  WORDS = 16,
}

export const enum Command {
  RUN = 0,
  STOP = 1,
  /** Throw an error, to show what happens then. */
  FAIL = 2,
}

export const enum WorkerState {
  STOPPED = 0,
  STARTING = 1,
  RUNNING = 2,
  ENDED = 3,
  DEAD = 4,
}

export const WORKER_STATE_NAMES = ['stopped', 'starting', 'running', 'ended', 'dead'] as const;
export type WorkerStateName = (typeof WORKER_STATE_NAMES)[number];

/** Doubles that only grow, written by the worker, one block per worker. */
export const enum Gauge {
  /** Milliseconds spent on packets, and altogether since the first start. */
  BUSY_MS = 0,
  ALIVE_MS = 1,
  /** Times that the thread went to sleep. */
  WAITS = 2,
  /** Packets not sent for want of room or queue; packets for the kernel that could not be handed over. */
  UNSENT = 3,
  UNPUNTED = 4,
  COUNT = 8,
}
