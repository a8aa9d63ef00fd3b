/**
 * The binding to liblbqueue: the only place that knows koffi. What is here:
 *
 * - library.ts        nativeLibrary(): loads liblbqueue.so once per thread; raw calls, error texts, memory views
 * - native-pool.ts    NativePool.open/attach: frame memory (frames, allocate, free, reclaim)
 * - native-memory.ts NativeMemory: huge pages or a file for tables, by address
 * - native-queue.ts   NativeQueue.open/attach: one AF_XDP, AF_PACKET or TAP queue (rx, tx, wait, info, stats)
 * - native-queues.ts  NativeQueues: several queues of one pool as the engine's PacketQueue
 * - native-stages.ts  nativeStages: the pipeline's stages for what is usual, one call a burst
 * - native-limit.ts   NativeLimit: how fast it could be, for benchmarks
 * - native-filter.ts  NativeFilter.open, apply: the XDP filter of an interface
 * - filter-entries.ts entriesFor: what an image specification wants in the filter
 * - echo-sockets.ts   EchoSockets: ICMP echo requests to any number of hosts
 * - encap-tap.ts      EncapTap: this host's own packets, encapsulated
 * - folder-lock.ts    lockFolder: one process at a time
 * - interface-claim.ts claimInterface: one process for each interface
 * - cpus.ts           keepOffCpus: nothing but workers on the CPUs of workers
 * - errors.ts         NATIVE_ERRORS: LB_NATIVE_*
 *
 * Receive into Uint32Arrays or Int32Arrays that are long enough (koffi checks nothing), use the frames in pool.frames,
 * and give every frame back: by tx, or by pool.free.
 */
export { keepOffCpus } from './cpus.js';
export { EchoSockets } from './echo-sockets.js';
export { EncapTap, type EncapWay } from './encap-tap.js';
export { NATIVE_ERRORS, type NativeErrorCode } from './errors.js';
export {
  type EntriesOptions,
  entriesFor,
  type FilterEntries,
  type FilterEntry,
  type NatServer,
  natServersOf,
} from './filter-entries.js';
export { type FolderLock, lockFolder } from './folder-lock.js';
export type { NativeInfo } from './info.js';
export { type Claimant, claimInterface, type InterfaceClaim, isClaimant } from './interface-claim.js';
export { libraryPath, type NativeCalls, NativeLibrary, nativeLibrary, type Words } from './library.js';
export { type FilterStats, NativeFilter } from './native-filter.js';
export { NativeLimit } from './native-limit.js';
export { NativeMemory } from './native-memory.js';
export { FRAME_OFFSET, NativePool, type NativePoolOptions } from './native-pool.js';
export {
  NativeQueue,
  type NativeQueueOptions,
  QUEUE_KINDS,
  type QueueFlag,
  type QueueKind,
  type QueueStats,
} from './native-queue.js';
export { NativeQueues, type NativeQueuesOptions } from './native-queues.js';
export { nativeStages } from './native-stages.js';
