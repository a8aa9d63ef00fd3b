import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { IMAGE_LAYOUT_VERSION } from '../image/layout.js';
import { nativeError, nativeErrorCode } from './errors.js';

/**
 * The calls of liblbqueue (native/include/lbqueue.h and lbqueue_stages.h are their reference). Arrays that the library writes are typed
 * arrays, which koffi passes as they are: what the library writes is there after the call, without a copy. Neither
 * their type nor their length is checked. Int32Arrays do where the header says uint32_t.
 *
 * Each returns a number of at least 0, or a negated LBQ_E_* number; {@link NativeLibrary.check} throws for that.
 */
export interface NativeCalls {
  memoryOpen(path: string | null, bytes: number, flags: number): number;
  poolOpen(memory: number, frameSize: number): number;
  alloc(poolOrQueue: number, offset: Words, n: number): number;
  free(poolOrQueue: number, offset: Words, n: number): number;
  reclaim(pool: number): number;
  filterOpen(interfaceName: string, flags: number): number;
  filterSet(filter: number, kind: number, operation: number, entries: Uint8Array, count: number): number;
  queueOpen(pool: number, options: Uint8Array): number;
  rx(queue: number, offset: Words, length: Words, max: number): number;
  tx(queue: number, offset: Words, length: Words, n: number): number;
  wait(queues: Int32Array, n: number, timeoutUs: number): number;
  wake(poolOrQueue: number): number;
  info(handle: number, info: Uint8Array): number;
  stats(handle: number, values: BigUint64Array, n: number): number;
  pin(cpu: number): number;
  keepOff(cpus: Uint32Array, n: number): number;
  close(handle: number): number;
  lastError(text: Uint8Array, size: number): number;
  stages(stages: Uint8Array, from: number): number;
  layout(): number;
  address(array: ArrayBufferView): number | bigint;
  threadNs(): number;
}

/** 32-bit words, signed or not. */
export type Words = Int32Array | Uint32Array;

const SIGNATURES: Record<keyof NativeCalls, string> = {
  memoryOpen: 'int32_t lbq_memory_open(const char *path, uint64_t bytes, uint32_t flags)',
  poolOpen: 'int32_t lbq_pool_open(int32_t memory, uint32_t frame_size)',
  alloc: 'int32_t lbq_alloc(int32_t handle, uint32_t *offset, uint32_t n)',
  free: 'int32_t lbq_free(int32_t handle, uint32_t *offset, uint32_t n)',
  reclaim: 'int32_t lbq_reclaim(int32_t pool)',
  filterOpen: 'int32_t lbq_filter_open(const char *interface, uint32_t flags)',
  filterSet: 'int32_t lbq_filter_set(int32_t filter, uint32_t kind, uint32_t op, uint8_t *entries, uint32_t count)',
  queueOpen: 'int32_t lbq_queue_open(int32_t pool, uint8_t *options)',
  rx: 'int32_t lbq_rx(int32_t queue, uint32_t *offset, uint32_t *length, uint32_t max)',
  tx: 'int32_t lbq_tx(int32_t queue, uint32_t *offset, uint32_t *length, uint32_t n)',
  wait: 'int32_t lbq_wait(int32_t *queues, uint32_t n, uint32_t timeout_us)',
  wake: 'int32_t lbq_wake(int32_t pool_or_queue)',
  info: 'int32_t lbq_info(int32_t handle, uint8_t *info)',
  stats: 'int32_t lbq_stats(int32_t handle, uint64_t *values, uint32_t n)',
  pin: 'int32_t lbq_pin(uint32_t cpu)',
  keepOff: 'int32_t lbq_keep_off(uint32_t *cpus, uint32_t n)',
  close: 'int32_t lbq_close(int32_t handle)',
  lastError: 'int32_t lbq_last_error(uint8_t *text, uint32_t size)',
  stages: 'int32_t lbq_stages(uint8_t *stages, int32_t from)',
  layout: 'int32_t lbq_layout()',
  address: 'uint64_t lbq_address(void *array)',
  threadNs: 'double lbq_thread_ns()',
};

const ERROR_BYTES = 320;

/** The library as one thread sees it: the calls, error texts, and views of its memory. */
export class NativeLibrary {
  private readonly text = new Uint8Array(ERROR_BYTES);

  constructor(
    readonly path: string,
    readonly calls: NativeCalls,
    private readonly viewOf: (address: bigint, bytes: number) => ArrayBuffer,
  ) {}

  /** Passes a result of at least 0 on. @throws LbError LB_NATIVE_* with the library's own text */
  check(result: number): number {
    if (result >= 0) return result;
    const length = this.calls.lastError(this.text, ERROR_BYTES);
    throw nativeError(nativeErrorCode(result), new TextDecoder().decode(this.text.subarray(0, length)));
  }

  /**
   * This thread's view of native memory. It does not keep the memory mapped: reading through it after the last close
   * ends the process.
   */
  view(address: bigint, bytes: number): ArrayBuffer {
    return this.viewOf(address, bytes);
  }
}

let loaded: NativeLibrary | undefined;

/**
 * The library, loaded on first use; once per thread. Looked for in `path`, else in LBQ_LIBRARY, else where its build
 * puts it in this repository.
 * @throws LbError LB_NATIVE_LIBRARY
 */
export function nativeLibrary(path: string = libraryPath()): NativeLibrary {
  if (loaded?.path === path) return loaded;
  try {
    // Not an import: whoever has no native queues needs no koffi either.
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    const library = koffi.load(path);
    const calls: Partial<Record<keyof NativeCalls, unknown>> = {};
    for (const [name, signature] of Object.entries(SIGNATURES)) {
      calls[name as keyof NativeCalls] = library.func(signature);
    }
    const found = new NativeLibrary(path, calls as NativeCalls, (address, bytes) => koffi.view(address, bytes));
    const layout = found.calls.layout();
    // Stages of another release would read tables and packets where they are not.
    if (layout !== IMAGE_LAYOUT_VERSION) throw new Error(`built for layout ${layout}, this is ${IMAGE_LAYOUT_VERSION}`);
    loaded = found;
    return loaded;
  } catch (error) {
    throw nativeError(
      'LB_NATIVE_LIBRARY',
      `native library ${path}: ${error instanceof Error ? error.message : error}`,
      'build it with `npm run setup`, or set LBQ_LIBRARY to the path of liblbqueue.so',
    );
  }
}

/** Where the library is expected. */
export function libraryPath(): string {
  return process.env.LBQ_LIBRARY ?? fileURLToPath(new URL('../../../../native/build/liblbqueue.so', import.meta.url));
}
