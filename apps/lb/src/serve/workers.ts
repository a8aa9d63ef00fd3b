import { randomFillSync } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { alignedWords, LINE_WORDS } from '@lb/core';
import { COUNTER_VALUES, Counters, type Secret } from '@lb/dataplane';
import type { Compiled } from '../compiled.js';
import { cliError } from '../errors.js';
import { trafficTargets } from './traffic.js';
import { READY, STOP, type WorkerSetup } from './worker-setup.js';

export interface WorkersOptions {
  readonly compiled: Compiled;
  readonly workers: number;
  /** Of all workers together. */
  readonly flows: number;
  readonly packetSize: number;
  /** Packets per second of all workers together. */
  readonly rate: number;
}

/** The worker threads of the daemon, each with its own share of the generated traffic, and what they count. */
export class Workers {
  readonly counters: readonly Counters[];
  private readonly setups: readonly WorkerSetup[];
  private readonly threads: readonly Worker[];
  private readonly exits: readonly Promise<unknown>[];
  private stopping = false;

  constructor(options: WorkersOptions, onFailure: (error: Error) => void) {
    this.setups = Array.from({ length: options.workers }, (_, i) => setUp(options, i));
    this.counters = this.setups.map((setup) => new Counters(setup.counters));
    this.threads = this.setups.map(
      (workerData) => new Worker(new URL('./worker-thread.js', import.meta.url), { workerData }),
    );
    this.exits = this.threads.map((thread, i) => {
      const fail = (text: string) => onFailure(cliError('LB_CLI_WORKER', `worker ${i + 1} ended: ${text}`));
      thread.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
      return new Promise<void>((resolve) => {
        thread.once('exit', (status) => {
          if (!this.stopping && status === 0) fail('nobody had told it to');
          resolve();
        });
      });
    });
  }

  /** Resolves when all workers receive packets. */
  async ready(): Promise<void> {
    await Promise.all(
      this.threads.map(
        (thread) => new Promise<void>((resolve) => thread.once('message', (text) => text === READY && resolve())),
      ),
    );
  }

  /** Live flows of an AS slot, as of half a second ago. */
  flowsOf(asSlot: number): number {
    return this.setups.reduce((sum, { flows }) => sum + flows[asSlot + 1]!, 0);
  }

  /** Ends the workers and waits until they are gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const { control } of this.setups) {
      Atomics.store(control, STOP, 1);
      Atomics.notify(control, STOP);
    }
    await Promise.all(this.exits);
  }
}

function setUp({ compiled, workers, flows, packetSize, rate }: WorkersOptions, index: number): WorkerSetup {
  const { config, image } = compiled;
  const share = Math.floor(flows / workers) + (index < flows % workers ? 1 : 0);
  return {
    image: image.unsigned,
    flowTableLines: config.buckets,
    flowMemory: alignedWords(config.buckets * LINE_WORDS),
    secret: randomSecret(),
    counters: sharedDoubles(COUNTER_VALUES),
    flows: sharedDoubles(image.asSlots + 1),
    control: new Int32Array(new SharedArrayBuffer(4)),
    traffic: { targets: trafficTargets(config), flows: share, packetSize, seed: index + 1 },
    rate: rate / workers,
  };
}

function sharedDoubles(count: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(count * 8));
}

function randomSecret(): Secret {
  const [a, b, c, d] = randomFillSync(new Uint32Array(4));
  return [a!, b!, c!, d!];
}
