import { alignedWords, type FlowTableOptions } from '@lb/core';
import { type NativeLibrary, NativeMemory, NatSessions, nativeLibrary, type Secret } from '@lb/dataplane';

const LINE_WORDS = 16;
const SIDE_WORDS = 32;

/** Memory and a clock for measurements: huge pages and processor time where the native library is built. */
export class BenchMemory {
  readonly library: NativeLibrary | undefined;
  /** What one look at the clock costs, nanoseconds. */
  readonly clockNs: number;

  constructor() {
    this.library = libraryIfBuilt();
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < 1000; k++) {
      const from = this.clock();
      least = Math.min(least, this.clock() - from);
    }
    this.clockNs = least;
  }

  /** Nanoseconds: the thread's processor time, else the time of day. */
  clock(): number {
    return this.library === undefined ? performance.now() * 1e6 : this.library.calls.threadNs();
  }

  /** Memory for frames. */
  frames(bytes: number): ArrayBufferLike {
    if (this.library === undefined) return new SharedArrayBuffer(bytes);
    const memory = NativeMemory.open(bytes, this.library);
    return this.library.view(memory.address, bytes);
  }

  flows(lines: number): Int32Array {
    return this.words(lines * LINE_WORDS);
  }

  sessions(lines: number, secret: Secret): NatSessions {
    const tables: Pick<FlowTableOptions, 'memory' | 'side'> = {
      memory: this.words(lines * LINE_WORDS),
      side: this.words(lines * SIDE_WORDS),
    };
    return new NatSessions(lines, secret, tables as Required<typeof tables>);
  }

  private words(count: number): Int32Array {
    return this.library === undefined ? alignedWords(count) : new Int32Array(this.frames(count * 4));
  }
}

function libraryIfBuilt(): NativeLibrary | undefined {
  try {
    return nativeLibrary();
  } catch {
    return undefined;
  }
}
