import { type NativeInfo, nativeInfo, nativeStats } from './info.js';
import { type NativeLibrary, nativeLibrary, type Words } from './library.js';
import type { NativePool } from './native-pool.js';

/**
 * Kinds of native queue, by the numbers of the library. Those that only send: `raw` gives IP packets to the kernel to
 * route, `punt` gives frames to the host as if its interface had received them.
 */
export const QUEUE_KINDS = { af_xdp: 1, af_packet: 2, tap: 3, raw: 4, punt: 5 } as const;
export type QueueKind = keyof typeof QUEUE_KINDS;

/** Flags of a queue (LBQ_QUEUE_*). */
export const QUEUE_FLAGS = {
  /** AF_XDP: never zero-copy. */
  copy: 1,
  /** AF_XDP: fail rather than copy. */
  zeroCopy: 2,
  /** AF_PACKET: transmit past the queueing discipline. */
  qdiscBypass: 4,
  /** AF_PACKET: switch receive offload of the interface off until closed. */
  groOff: 8,
  /** TAP: one of several queues of the interface. */
  multi: 16,
  /** AF_PACKET: hand each frame over at once rather than a block at a time. */
  lowLatency: 32,
} as const;
export type QueueFlag = keyof typeof QUEUE_FLAGS;

export interface NativeQueueOptions {
  readonly kind: QueueKind;
  /** TAP: the interface to make; a `%d` in it is replaced by the kernel. Raw: empty. */
  readonly interface: string;
  readonly flags?: readonly QueueFlag[];
  /** AF_XDP: receive queue of the interface. Default 0. */
  readonly queue?: number;
  /** Ring sizes, powers of two. Default 2048. */
  readonly rxFrames?: number;
  readonly txFrames?: number;
  /** AF_PACKET: sockets with the same number (1–65535) share the flows. Default 0: none. */
  readonly fanoutGroup?: number;
  /** AF_XDP: handle of the filter that feeds it; without one the queue only sends. Punt: the interface's filter. */
  readonly filter?: number;
}

const OPTIONS_BYTES = 44;
const NAME_BYTES = 16;

export const QUEUE_STATS = [
  'rxPackets',
  'rxBytes',
  'txPackets',
  'txBytes',
  'rxDropped',
  'rxRingFull',
  'rxFillEmpty',
  'rxInvalid',
  'txInvalid',
  'rxOversize',
  'rxNoFrame',
  'txRefused',
  'txFull',
  'txErrors',
  'systemCalls',
  'framesKernel',
] as const;
export type QueueStats = Record<(typeof QUEUE_STATS)[number], number>;

/** One queue of the library: bursts of descriptors in and out. Like pools, queues are opened by one thread and used by another. */
export class NativeQueue {
  private readonly self: Int32Array;

  private constructor(
    readonly library: NativeLibrary,
    readonly handle: number,
  ) {
    this.self = Int32Array.of(handle);
  }

  /** @throws LbError LB_NATIVE_* */
  static open(pool: NativePool, options: NativeQueueOptions): NativeQueue {
    const { library } = pool;
    return new NativeQueue(library, library.check(library.calls.queueOpen(pool.handle, encodeOptions(options))));
  }

  static attach(handle: number, library = nativeLibrary()): NativeQueue {
    return new NativeQueue(library, handle);
  }

  /**
   * Receive up to `max` frames: where each Ethernet header starts, and its length. They belong to the caller until sent
   * or freed. Never blocks. Both arrays need room for `max` words.
   */
  rx(offset: Words, length: Words, max: number): number {
    const n = this.library.calls.rx(this.handle, offset, length, max);
    return n >= 0 ? n : this.library.check(n);
  }

  /** Send frames of the pool. Returns how many were taken, from the front; the others are still the caller's. Never blocks. */
  tx(offset: Words, length: Words, n: number): number {
    const taken = this.library.calls.tx(this.handle, offset, length, n);
    return taken >= 0 ? taken : this.library.check(taken);
  }

  /** Blocks the thread until something has come, for `timeoutUs` at most. Returns whether something has. */
  wait(timeoutUs: number): boolean {
    return this.library.check(this.library.calls.wait(this.self, 1, timeoutUs)) > 0;
  }

  info(): NativeInfo {
    return nativeInfo(this.library, this.handle);
  }

  stats(): QueueStats {
    return nativeStats(this.library, this.handle, QUEUE_STATS);
  }

  close(): void {
    this.library.check(this.library.calls.close(this.handle));
  }
}

/** struct lbq_queue_options. */
function encodeOptions(options: NativeQueueOptions): Uint8Array {
  const bytes = new Uint8Array(OPTIONS_BYTES);
  const view = new DataView(bytes.buffer);
  const flags = (options.flags ?? []).reduce((sum, flag) => sum | QUEUE_FLAGS[flag], 0);
  const { queue = 0, rxFrames = 0, txFrames = 0, fanoutGroup = 0 } = options;
  [QUEUE_KINDS[options.kind], flags, queue, rxFrames, txFrames, fanoutGroup].forEach((value, i) => {
    view.setUint32(i * 4, value, true);
  });
  view.setInt32(24, options.filter ?? 0, true);
  // A name that is too long stays without its end, and the library refuses it.
  bytes.set(new TextEncoder().encode(options.interface).subarray(0, NAME_BYTES), 28);
  return bytes;
}
