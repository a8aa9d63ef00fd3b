import { EventEmitter } from 'node:events';
import type { LbError } from '@lb/core';
import { FlowReader } from '../flows/index.js';
import type { Image } from '../image/image.js';
import { ImagePublisher } from '../image/publication.js';
import { libraryPath, type NativeQueue, nativeLibrary } from '../native/index.js';
import type { Secret } from '../pipeline/engine.js';
import { type Tap, type TapFilter, TapSource } from '../tap/index.js';
import { errorText, startError, workerError } from './errors.js';
import type { FlowFiles } from './flow-files.js';
import { flowTableOf } from './flow-table-of.js';
import { NativePorts, type NativePortsOptions } from './native-ports.js';
import { randomSecret } from './secret.js';
import { SharedWordsSource } from './shared-words.js';
import { WorkerGroup } from './worker-group.js';
import { takeMemory } from './worker-memory.js';
import type { MemoryQueueSetup, WorkerMemory } from './worker-setup.js';
import { WorkerSlot } from './worker-slot.js';

/** The queues of a worker. */
export type WorkerQueues = MemoryQueueSetup | NativePortsOptions;

export interface SupervisorOptions {
  /**
   * The queues of each worker: one worker for each element. A function is asked whenever they are opened: memory queues
   * with every thread, native ones at the beginning and by {@link Supervisor.reopen}. The kind stays.
   */
  readonly workers: readonly (WorkerQueues | (() => WorkerQueues))[];
  /** Lines of each worker's flow table, a power of two. NAT sessions get as many. */
  readonly flowTableLines: number;
  /** CPU of each worker; not bound if absent. */
  readonly cpus?: readonly number[];
  /** Keep who each flow is (192 bytes a line), so that lists of flows tell it. Default: no. With `flowFiles`, they decide. */
  readonly flowDetails?: boolean;
  /** Tables in huge pages of native memory, for which the library must be there. Default: no. */
  readonly hugePages?: boolean;
  /**
   * Flow tables and NAT sessions in files, of as many workers and lines, which the supervisor does not close. Images must
   * come from a compiler that has them as its keeper. Files have no huge pages.
   */
  readonly flowFiles?: FlowFiles;
  /** The stages of the native library do what is usual, which must be there. Default: no. */
  readonly nativeStages?: boolean;
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
  /** What their flow tables hold. Empty after stop. */
  readonly flows: FlowReader;
  private readonly taps: TapSource;
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
    const { workers, flowFiles } = options;
    checkOptions(options);
    this.library = options.library ?? libraryPath();
    this.words = new SharedWordsSource(options.hugePages === true ? nativeLibrary(this.library) : undefined);
    this.publisher = new ImagePublisher(workers.length);
    try {
      const memories = workers.map((_, index) =>
        takeMemory(this.words, options.flowTableLines, options.flowDetails === true, flowFiles?.tables(index)),
      );
      this.group = new WorkerGroup(memories);
      const secret = flowFiles?.secret ?? randomSecret();
      const { flowTableLines } = options;
      this.flows = new FlowReader(memories.map((memory) => flowTableOf(memory, flowTableLines, secret, this.library)));
      this.taps = new TapSource(memories.map(({ tap }) => tap));
      this.slots = workers.map((_, index) => this.makeSlot(index, memories, secret));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Whether `hugePages` were wanted, and the system had none for some of the tables. */
  get lacksHugePages(): boolean {
    return this.words.lacksHugePages;
  }

  /**
   * Publish the first image and start the workers; resolves when all serve their queues.
   * @throws LbError what the first worker that could not start died of, or LB_WORKER_START when stopped meanwhile; then
   * all are stopped
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

  /** A worker's native queues, for their counters; empty for a memory queue, and after stop. */
  nativeQueues(index: number): readonly NativeQueue[] {
    return this.ports[index]?.nativeQueues ?? [];
  }

  /**
   * Capture or trace what becomes of packets from now on, until the tap is closed. It goes on when a worker's thread is
   * replaced.
   * @throws LbError LB_WORKER_TAP_BUSY, LB_WORKER_OPTIONS
   */
  tap(filter: TapFilter = {}): Tap {
    return this.taps.open(filter);
  }

  /** End a worker's thread, to show that another takes over. */
  kill(index: number, how: 'terminate' | 'throw' = 'terminate'): void {
    this.slots[index].kill(how);
  }

  /** End the workers, close their queues and free their memory. Counters can still be read. Repeating it does nothing. */
  async stop(): Promise<void> {
    clearInterval(this.watch);
    for (const { reject } of this.waiting.values()) reject(workerError('LB_WORKER_START', 'stopped while starting'));
    this.waiting.clear();
    await Promise.all(this.slots.map((slot) => slot.stop(STOP_PATIENCE_MS)));
    this.taps.close();
    this.flows.close();
    this.release();
  }

  private release(): void {
    for (const ports of this.ports.splice(0)) ports.close();
    this.publisher.close();
    this.words.close();
  }

  private makeSlot(index: number, memories: readonly WorkerMemory[], secret: Secret): WorkerSlot {
    const { workers, flowTableLines, cpus } = this.options;
    const given = workers[index];
    const queues = typeof given === 'function' ? given : () => given;
    const ports = this.openPorts(index, queues);
    const cpu = cpus?.[index];
    return new WorkerSlot({
      entry: this.options.entry ?? new URL('./worker-thread.js', import.meta.url),
      setup: {
        index,
        memory: memories[index],
        peers: memories.filter((_, other) => other !== index).map(({ flows, sessions }) => ({ flows, sessions })),
        flowTableLines,
        secret,
        inherited: this.options.flowFiles?.isInherited ?? false,
        ...(cpu !== undefined && { cpu }),
        library: this.library,
        nativeStages: this.options.nativeStages ?? false,
      },
      queue: () => ports?.setup() ?? memoryQueue(index, queues),
      feed: () => this.publisher.replaceWorker(index),
      ports,
      events: {
        ready: (downMs) => this.ready(index, downMs),
        died: (error) => this.died(index, error),
        reopenFailed: (error) => this.emit('queues-failed', index, errorText(error)),
      },
    });
  }

  private openPorts(index: number, queues: () => WorkerQueues): NativePorts | undefined {
    if (queues().kind === 'memory') return undefined;
    const ports = new NativePorts(() => nativeQueues(index, queues), nativeLibrary(this.library));
    this.ports.push(ports);
    return ports;
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

function nativeQueues(index: number, queues: () => WorkerQueues): NativePortsOptions {
  const options = queues();
  if (options.kind === 'native') return options;
  throw workerError('LB_WORKER_OPTIONS', `worker ${index}: its queues were native, and cannot become memory queues`);
}

function memoryQueue(index: number, queues: () => WorkerQueues): MemoryQueueSetup {
  const options = queues();
  if (options.kind === 'memory') return options;
  throw workerError('LB_WORKER_OPTIONS', `worker ${index}: its queue was a memory queue, and cannot become native`);
}

function checkOptions({ workers, flowTableLines, flowFiles }: SupervisorOptions): void {
  if (workers.length === 0) throw workerError('LB_WORKER_OPTIONS', 'workers: none given, at least one is needed');
  if (flowFiles === undefined) return;
  if (flowFiles.workers !== workers.length || flowFiles.flowTableLines !== flowTableLines) {
    const have = `${flowFiles.workers} workers with ${flowFiles.flowTableLines} lines`;
    throw workerError('LB_WORKER_OPTIONS', `flowFiles: of ${have}, not ${workers.length} with ${flowTableLines}`);
  }
}
