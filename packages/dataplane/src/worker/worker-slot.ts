import { Worker } from 'node:worker_threads';
import type { ImageFeed } from '../image/image-feed.js';
import type { NativePorts } from './native-ports.js';
import { READY, type WorkerSetup } from './worker-setup.js';
import { Command, Status, WORKER_STATE_NAMES, WorkerState, type WorkerStateName } from './worker-status.js';

export interface SlotEvents {
  /** The worker serves its queues. @param downMs since its predecessor ended; undefined for the first */
  ready(downMs: number | undefined): void;
  /** The worker's thread has ended although nobody asked it to. */
  died(error: unknown): void;
  /** The queues could not be opened again; that is tried again later. */
  reopenFailed(error: unknown): void;
}

export interface SlotOptions {
  readonly entry: URL;
  /** All of a setup but its feed and queue, which are new for every thread. */
  readonly setup: Omit<WorkerSetup, 'feed' | 'queue'>;
  readonly queue: () => WorkerSetup['queue'];
  /** A feed for the next thread. */
  readonly feed: () => ImageFeed;
  readonly ports: NativePorts | undefined;
  readonly events: SlotEvents;
}

/** A worker that lived less than this is restarted later and later, so that one that cannot live does not spin. */
const HEALTHY_MS = 10_000;
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/**
 * The place of one worker and the threads that fill it, one after the other. Moves the worker's state (worker-status.ts)
 * wherever there is no thread to do it.
 */
export class WorkerSlot {
  private thread: Worker | undefined;
  private reason: unknown;
  private failures = 0;
  private startedAt = 0;
  private diedAt: number | undefined;
  private pause: NodeJS.Timeout | undefined;
  private stopping = false;
  private reopening = false;
  private lastBeat = 0;
  private beatMissed = 0;
  private whenGone: (() => void)[] = [];

  constructor(private readonly options: SlotOptions) {}

  private get status(): Int32Array {
    return this.options.setup.memory.status;
  }

  get state(): WorkerStateName {
    return WORKER_STATE_NAMES[Atomics.load(this.status, Status.STATE)];
  }

  /** Start a thread. Only when there is none. */
  start(): void {
    const { entry, setup, queue, feed } = this.options;
    const { status } = this;
    const imageFeed = feed();
    Atomics.store(status, Status.COMMAND, Command.RUN);
    Atomics.store(status, Status.STATE, WorkerState.STARTING);
    Atomics.add(status, Status.STARTS, 1);
    this.reason = undefined;
    this.beatMissed = 0;
    this.startedAt = performance.now();
    const workerData: WorkerSetup = { ...setup, feed: imageFeed, queue: queue() };
    const thread = new Worker(entry, { workerData, transferList: [imageFeed.port], name: `lb worker ${setup.index}` });
    this.thread = thread;
    thread.on('message', (text) => text === READY && this.ready());
    thread.on('error', (error) => {
      this.reason = error;
    });
    thread.once('exit', () => this.gone());
  }

  private ready(): void {
    const { diedAt } = this;
    this.diedAt = undefined;
    this.options.events.ready(diedAt === undefined ? undefined : performance.now() - diedAt);
  }

  /** The thread is gone: from here to the next start nobody touches tables and queues. */
  private gone(): void {
    this.thread = undefined;
    const ended = Atomics.load(this.status, Status.STATE) === WorkerState.ENDED;
    if (!ended && !this.stopping) this.mourn();
    Atomics.store(this.status, Status.STATE, WorkerState.STOPPED);
    this.options.ports?.reclaim();
    for (const tell of this.whenGone.splice(0)) tell();
    if (!this.stopping) this.restartAfter(ended ? 0 : this.pauseMs());
  }

  private mourn(): void {
    Atomics.store(this.status, Status.STATE, WorkerState.DEAD);
    this.diedAt ??= performance.now();
    this.options.events.died(this.reason ?? new Error('its thread was ended'));
  }

  /** The first restart is at once. */
  private pauseMs(): number {
    if (performance.now() - this.startedAt >= HEALTHY_MS) this.failures = 0;
    const pause = this.failures === 0 ? 0 : Math.min(SHORTEST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS);
    this.failures++;
    return pause;
  }

  private restartAfter(ms: number): void {
    this.pause = setTimeout(() => {
      this.pause = undefined;
      try {
        if (this.reopening) this.options.ports?.reopen();
        this.reopening = false;
        this.start();
      } catch (error) {
        this.options.events.reopenFailed(error);
        this.restartAfter(this.pauseMs());
      }
    }, ms);
  }

  /** Make the worker see a command or an image now rather than when it wakes by itself. */
  wake(): void {
    Atomics.notify(this.status, Status.COMMAND);
    this.options.ports?.wake();
  }

  private command(command: Command): void {
    Atomics.store(this.status, Status.COMMAND, command);
    this.wake();
  }

  /** End the thread the hard way, or make it throw an error. */
  kill(how: 'terminate' | 'throw'): void {
    if (how === 'throw') this.command(Command.FAIL);
    else void this.thread?.terminate();
  }

  /** Replace the thread by one with newly opened queues. */
  reopen(): void {
    this.reopening = true;
    if (this.thread !== undefined) this.command(Command.STOP);
  }

  /**
   * End a thread that runs but has not moved since `calls` calls. Counting calls rather than time, nothing happens to
   * the workers of a process that was stopped and goes on.
   */
  endIfStuck(calls: number): void {
    const beat = Atomics.load(this.status, Status.HEARTBEAT);
    const stands = this.state === 'running' && beat === this.lastBeat;
    this.lastBeat = beat;
    this.beatMissed = stands ? this.beatMissed + 1 : 0;
    if (this.beatMissed < calls || this.thread === undefined) return;
    this.reason = new Error('it did not move any more');
    void this.thread.terminate();
  }

  /** End the thread, in good order if it takes no longer than `patienceMs`, and start no other. */
  async stop(patienceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.pause);
    if (this.thread === undefined) return;
    const gone = new Promise<void>((resolve) => this.whenGone.push(resolve));
    this.command(Command.STOP);
    const impatient = setTimeout(() => void this.thread?.terminate(), patienceMs);
    await gone;
    clearTimeout(impatient);
  }
}
