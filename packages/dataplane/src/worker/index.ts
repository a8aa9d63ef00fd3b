/**
 * The workers of a running balancer. What is here:
 *
 * - supervisor.ts     Supervisor: starts the workers, replaces dead ones, publishes images
 * - worker-group.ts   WorkerGroup: what all workers count, added up
 * - worker-slot.ts    one worker's place and the threads that fill it; native-ports.ts: its native queues
 * - worker-status.ts  the states of a worker and the shared words of it and its supervisor
 * - worker-thread.ts  entry of a thread, worker-runtime.ts what it does, worker-loop.ts its loop
 * - flow-files.ts    FlowFiles: tables in files that outlive the process; slot-record.ts: who has the slots in them
 */
export { WORKER_ERRORS, type WorkerErrorCode } from './errors.js';
export { FlowFiles, type FlowFilesOptions } from './flow-files.js';
export type { NativePortsOptions } from './native-ports.js';
export { Supervisor, type SupervisorEvents, type SupervisorOptions, type WorkerQueues } from './supervisor.js';
export { WorkerGroup, type WorkerLoad } from './worker-group.js';
export type { MemoryQueueSetup } from './worker-setup.js';
export type { WorkerStateName } from './worker-status.js';
