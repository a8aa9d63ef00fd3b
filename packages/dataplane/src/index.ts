export { type FrameViews, frameViews } from '@lb/encap';
export { BURST_CAPACITY, BURST_PACKETS, Burst } from './burst.js';
export {
  CAPTURE_ERRORS,
  CaptureReader,
  CaptureWriter,
  createCapture,
  createPcapng,
  MemoryOutput,
  OutputFile,
  openCapture,
  PcapngWriter,
} from './capture/index.js';
export { type Clock, monotonicClock, TICKS_PER_SECOND, ticksOfMs } from './clock.js';
export { type AsTotals, COUNTER_VALUES, Counters, type VipTotals, type WorkerTotals } from './counters.js';
export { DATAPLANE_ERRORS, type DataplaneErrorCode } from './errors.js';
export {
  AGE_BOUNDS_SEC,
  type FlowEntries,
  type FlowEntry,
  type FlowFilter,
  type FlowPageQuery,
  FlowReader,
  type FlowTuple,
  type SlotNames,
  type VipFlows,
} from './flows/index.js';
export type { CompileOptions, NextHop } from './image/build-image.js';
export {
  asKey,
  ImageCompiler,
  MAX_AS_SLOTS,
  MAX_VIP_SLOTS,
  vipKey,
} from './image/compiler.js';
export { Image } from './image/image.js';
export type { ImageFeed } from './image/image-feed.js';
export { ImageFollower } from './image/image-follower.js';
export { ImagePublisher } from './image/publication.js';
export type { SavedAs, SavedSlotMap, SavedSlots, SlotKeeper } from './image/saved-slots.js';
export type { AsSpec, Encap, FlowHashKind, ImageSpec, TableKind, TimeoutsSpec, VipSpec } from './image/spec.js';
export {
  type Claimant,
  claimInterface,
  EchoSockets,
  EncapTap,
  type EncapWay,
  type EntriesOptions,
  entriesFor,
  type FilterEntries,
  type FilterEntry,
  type FilterStats,
  type FolderLock,
  FRAME_OFFSET,
  type InterfaceClaim,
  isClaimant,
  keepOffCpus,
  libraryPath,
  lockFolder,
  NATIVE_ERRORS,
  type NativeErrorCode,
  NativeFilter,
  type NativeInfo,
  type NativeLibrary,
  NativeLimit,
  NativeMemory,
  NativePool,
  type NativePoolOptions,
  NativeQueue,
  type NativeQueueOptions,
  NativeQueues,
  type NativeQueuesOptions,
  nativeLibrary,
  nativeStages,
  natServersOf,
  type QueueFlag,
  type QueueKind,
  type QueueStats,
} from './native/index.js';
export { networkEquals } from './network/equals.js';
export { type Resolution, Resolver, resolve } from './network/resolve.js';
export type { Neighbour, NetworkInterface, NetworkSpec, Route } from './network/spec.js';
export { Engine, type EngineOptions, type Secret } from './pipeline/engine.js';
export type { CreateFastStages } from './pipeline/fast-stages.js';
export { NatSessions } from './pipeline/nat-sessions.js';
export { MemoryQueue, type MemoryQueueOptions } from './queues/memory-queue.js';
export { PcapQueue } from './queues/pcap-queue.js';
export { type FrameSource, HEADROOM, type PacketQueue } from './queues/queue.js';
export { TrafficGenerator, type TrafficOptions, type TrafficTarget } from './queues/traffic-generator.js';
export {
  captureRecord,
  TAP_INTERFACES,
  Tap,
  type TapFilter,
  type TapFrame,
  type TapNames,
  type TapRecord,
  type TapSide,
  traceLine,
  traceText,
  type VerdictName,
} from './tap/index.js';
export { REASONS, type ReasonName, reasonCode, VERDICT_NAMES } from './verdicts.js';
export {
  FlowFiles,
  type FlowFilesOptions,
  type MemoryQueueSetup,
  type NativePortsOptions,
  Supervisor,
  type SupervisorEvents,
  type SupervisorOptions,
  WORKER_ERRORS,
  type WorkerErrorCode,
  WorkerGroup,
  type WorkerLoad,
  type WorkerQueues,
  type WorkerStateName,
} from './worker/index.js';
