import type { Secret, TrafficTarget } from '@lb/dataplane';

/** Everything a worker thread is started with. The arrays lie in shared memory. */
export interface WorkerSetup {
  /** The compiled image. */
  readonly image: Uint32Array;
  /** Lines of the flow table. */
  readonly flowTableLines: number;
  readonly flowMemory: Int32Array;
  readonly secret: Secret;
  /** Written by the worker, see `Counters`. */
  readonly counters: Float64Array;
  /** Live flows by flow-table value (AS slot + 1), written by the worker about twice a second. */
  readonly flows: Float64Array;
  /** One word: 0, or 1 to make the worker end. */
  readonly control: Int32Array;
  readonly traffic: {
    readonly targets: readonly TrafficTarget[];
    readonly flows: number;
    readonly packetSize: number;
    readonly seed: number;
  };
  /** Packets per second. */
  readonly rate: number;
}

/** The word of `control` that ends the worker. */
export const STOP = 0;
/** What a worker says when it is about to receive its first packets. */
export const READY = 'ready';
