import type { MessagePort } from 'node:worker_threads';

/** Words of the control block, shared memory that says how far everybody is. */
export const enum Control {
  /** Revision published last. */
  REVISION = 0,
  /** The buffer that holds it. */
  BUFFER = 1,
  /** Where the words of the workers begin. */
  WORKERS = 2,
}

/** Words that each worker has in the control block. */
export const enum WorkerWord {
  /** Revision it uses; 0 for none. Written by the worker; whatever else there is, by the publisher. */
  USED = 0,
  /** Notices put into its port. */
  POSTED = 1,
  COUNT = 2,
}

/** Place of a word of a worker. */
export function workerWord(worker: number, word: WorkerWord): number {
  return Control.WORKERS + worker * WorkerWord.COUNT + word;
}

/** Tells a worker of a buffer for images, shared memory; undefined: there is none of that number any more. */
export interface BufferNotice {
  readonly buffer: number;
  readonly words: Uint32Array | undefined;
}

/** A worker's end of the publication: goes to it as `workerData`, with the port in its transfer list. */
export interface ImageFeed {
  readonly control: Int32Array;
  readonly index: number;
  /** Of {@link BufferNotice}. */
  readonly port: MessagePort;
}
