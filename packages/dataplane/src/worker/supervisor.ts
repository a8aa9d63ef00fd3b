import { randomFillSync } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { ENTRIES_PER_LINE, LbError, LINE_WORDS } from '@lb/core';
import { COUNTER_VALUES } from '../counters.js';
import { MAX_AS_SLOTS } from '../image/compiler.js';
import type { Image } from '../image/image.js';
import { ImagePublisher } from '../image/publication.js';
import { libraryPath, nativeLibrary } from '../native/index.js';
import type { Secret } from '../pipeline/engine.js';
import { SESSION_SIDE_WORDS } from '../pipeline/nat-sessions.js';
import { errorText, workerError } from './errors.js';
import { NativePorts, type NativePortsOptions } from './native-ports.js';
import { SharedWordsSource } from './shared-words.js';
import { WorkerGroup } from './worker-group.js';
import type { MemoryQueueSetup, WorkerMemory } from './worker-setup.js';
import { WorkerSlot } from './worker-slot.js';
import { Gauge, Status } from './worker-status.js';

export interface SupervisorOptions {
  /** The queues of each worker: one worker for each element. */
  readonly workers: readonly (MemoryQueueSetup | NativePortsOptions)[];
  /** Lines of each worker's flow table, a power of two. NAT sessions get as many. */
  readonly flowTableLines: number;
  /** CPU of each worker; not bound if absent. */
  readonly cpus?: readonly number[];
  /** Tables in huge pages of native memory, for which the library must be there. Default: no. */
  readonly hugePages?: boolean;
  /** Path of the native library, if not where it is expected. */
  readonly library?: string;
  /** Module of the worker threads; a bundle brings its own. */
  readonly entry?: URL;
  /** A thread that does not move for so long is stuck, and replaced. Default 3 s. */
  readonly stuckAfterMs?: number;
}

export interface SupervisorEvents {
  /** A worker serves its queues. */
  'worker-started': [index: number];
  /** A worker's thread has ended by itself. */
  'worker-died': [index: number, reason: string];
  /** Its successor serves its queues. */
  'worker-restarted': [index: number, downMs: number];
  /** Queues could not be opened again; that is tried again later. */
  'queues-failed': [index: number, reason: string];
}

/** How often the threads are looked at before one that does not move is called stuck. */
const STUCK_LOOKS = 10;
const STUCK_AFTER_MS = 3000;
const STOP_PATIENCE_MS = 2000;

/**
 * Keeps the workers alive: starts their threads, replaces one that dies within a second, and gives its successor all it
 * had: queues, tables, counters and the latest image. See docs/workers.md.
 */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  /** What the workers count. */
  readonly group: WorkerGroup;
  private readonly publisher: ImagePublisher;
  private readonly slots: readonly WorkerSlot[];
  private readonly ports: NativePorts[] = [];
  private readonly words: SharedWordsSource;
  private readonly library: string;
  private readonly waiting = new Map<number, { resolve: () => void; reject: (error: LbError) => void }>();
  private watch: NodeJS.Timeout | undefined;

  /** Opens the native queues. @throws LbError LB_WORKER_OPTIONS, LB_NATIVE_* */
  constructor(private readonly options: SupervisorOptions) {
    super();
    const { workers } = options;
    if (workers.length === 0) throw workerError('LB_WORKER_OPTIONS', 'workers: none given, at least one is needed');
    this.library = options.library ?? libraryPath();
    this.words = new SharedWordsSource(options.hugePages === true ? nativeLibrary(this.library) : undefined);
    this.publisher = new ImagePublisher(workers.length);
    try {
      const memories = workers.map(() => this.takeMemory());
      this.group = new WorkerGroup(memories);
      const secret = randomSecret();
      this.slots = workers.map((_, index) => this.makeSlot(index, memories, secret));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /**
   * Publish the first image and start the workers; resolves when all serve their queues.
   * @throws LbError what the first worker that could not start died of; then all are stopped
   */
  async start(image: Image): Promise<void> {
    this.publisher.publish(image);
    const ready = this.slots.map(
      (_, index) => new Promise<void>((resolve, reject) => this.waiting.set(index, { resolve, reject })),
    );
    for (const slot of this.slots) slot.start();
    try {
      await Promise.all(ready);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.watch = setInterval(
      () => {
        for (const slot of this.slots) slot.endIfStuck(STUCK_LOOKS);
      },
      (this.options.stuckAfterMs ?? STUCK_AFTER_MS) / STUCK_LOOKS,
    );
    this.watch.unref();
  }

  /** Hand a new image to the workers. Its revision must be above all before it. */
  publish(image: Image): void {
    this.publisher.publish(image);
    for (const slot of this.slots) slot.wake();
    this.publisher.reclaim();
  }

  /** The lowest revision that a worker uses; 0 while one uses none. */
  acknowledged(): number {
    return this.publisher.acknowledged();
  }

  /** Open a worker's queues anew, as after its interface had vanished and come back. Flows and counters stay. */
  reopen(index: number): void {
    this.slots[index].reopen();
  }

  /** End a worker's thread, to show that another takes over. */
  kill(index: number, how: 'terminate' | 'throw' = 'terminate'): void {
    this.slots[index].kill(how);
  }

  /** End the workers, close their queues and free their memory. Counters can still be read. Repeating it does nothing. */
  async stop(): Promise<void> {
    clearInterval(this.watch);
    await Promise.all(this.slots.map((slot) => slot.stop(STOP_PATIENCE_MS)));
    this.release();
  }

  private release(): void {
    for (const ports of this.ports.splice(0)) ports.close();
    this.publisher.close();
    this.words.close();
  }

  private takeMemory(): WorkerMemory {
    const lines = this.options.flowTableLines;
    return {
      status: new Int32Array(new SharedArrayBuffer(Status.WORDS * 4)),
      gauges: sharedDoubles(Gauge.COUNT),
      counters: sharedDoubles(COUNTER_VALUES),
      flowCounts: sharedDoubles(MAX_AS_SLOTS + 1),
      flows: this.words.take(lines * LINE_WORDS),
      sessions: {
        words: this.words.take(lines * LINE_WORDS),
        side: this.words.take(lines * ENTRIES_PER_LINE * SESSION_SIDE_WORDS),
      },
    };
  }

  private makeSlot(index: number, memories: readonly WorkerMemory[], secret: Secret): WorkerSlot {
    const { workers, flowTableLines, cpus } = this.options;
    const queue = workers[index];
    const ports = queue.kind === 'native' ? new NativePorts(queue, nativeLibrary(this.library)) : undefined;
    if (ports !== undefined) this.ports.push(ports);
    const cpu = cpus?.[index];
    return new WorkerSlot({
      entry: this.options.entry ?? new URL('./worker-thread.js', import.meta.url),
      setup: {
        index,
        memory: memories[index],
        peers: memories.filter((_, other) => other !== index).map(({ sessions }) => sessions),
        flowTableLines,
        secret,
        ...(cpu !== undefined && { cpu }),
        library: this.library,
      },
      queue: () => (queue.kind === 'native' ? ports!.setup() : queue),
      feed: () => this.publisher.replaceWorker(index),
      ports,
      events: {
        ready: (downMs) => this.ready(index, downMs),
        died: (error) => this.died(index, error),
        reopenFailed: (error) => this.emit('queues-failed', index, errorText(error)),
      },
    });
  }

  private ready(index: number, downMs: number | undefined): void {
    this.waiting.get(index)?.resolve();
    this.waiting.delete(index);
    this.emit('worker-started', index);
    if (downMs !== undefined) this.emit('worker-restarted', index, downMs);
  }

  private died(index: number, error: unknown): void {
    const reason = errorText(error);
    const waiting = this.waiting.get(index);
    this.waiting.delete(index);
    this.emit('worker-died', index, reason);
    waiting?.reject(startError(index, error));
  }
}

/** Its own code, where what happened has one: a missing library is no less so in a worker. */
function startError(index: number, error: unknown): LbError {
  const text = `worker ${index}: ${errorText(error)}`;
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  if (typeof code !== 'string' || !code.startsWith('LB_')) return workerError('LB_WORKER_START', text);
  return new LbError(code, text, typeof hint === 'string' ? hint : undefined);
}

function sharedDoubles(count: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(count * 8));
}

function randomSecret(): Secret {
  const [a, b, c, d] = randomFillSync(new Uint32Array(4));
  return [a, b, c, d];
}
