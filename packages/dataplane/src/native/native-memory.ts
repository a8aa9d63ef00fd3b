import { nativeInfo } from './info.js';
import { type NativeLibrary, nativeLibrary } from './library.js';

const MEMORY_HUGE = 1;
/** LBQ_PAGES_SMALL. */
const PAGES_SMALL = 0;

/** Zeroed memory in huge pages where the system has them, seen by every thread of the process through its address. */
export class NativeMemory {
  readonly address: bigint;
  readonly bytes: number;
  /** The system had no huge pages for it, or it is a file. */
  readonly isInSmallPages: boolean;

  private constructor(
    private readonly library: NativeLibrary,
    private readonly handle: number,
  ) {
    const { address, bytes, mode } = nativeInfo(library, handle);
    this.address = address;
    this.bytes = bytes;
    this.isInSmallPages = mode === PAGES_SMALL;
  }

  /** @throws LbError LB_NATIVE_MEMORY */
  static open(bytes: number, library = nativeLibrary()): NativeMemory {
    return new NativeMemory(library, library.check(library.calls.memoryOpen(null, bytes, MEMORY_HUGE)));
  }

  /**
   * Memory that is a file's content: zeroed where the file is new, else as whoever mapped it before has left it.
   * @throws LbError LB_NATIVE_ARGUMENT if the file has another size, LB_NATIVE_MEMORY, LB_NATIVE_SYSTEM
   */
  static openFile(path: string, bytes: number, library = nativeLibrary()): NativeMemory {
    return new NativeMemory(library, library.check(library.calls.memoryOpen(path, bytes, 0)));
  }

  /** Unmap it. No thread may have a view any more. */
  close(): void {
    this.library.check(this.library.calls.close(this.handle));
  }
}
