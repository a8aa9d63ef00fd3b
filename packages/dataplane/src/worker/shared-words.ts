import { alignedWords } from '@lb/core';
import { type NativeLibrary, NativeMemory, nativeLibrary } from '../native/index.js';

/**
 * 32-bit words that several threads see: an array over shared memory, or native memory by its address, which each
 * thread looks at through a view of its own. Goes to a worker as part of its `workerData`.
 */
export type SharedWords = Int32Array | { readonly address: bigint; readonly words: number };

/**
 * This thread's view. Of native memory it must not be used once that is closed.
 * @param library path of the native library
 */
export function wordsOf(shared: SharedWords, library: string): Int32Array {
  if (shared instanceof Int32Array) return shared;
  return new Int32Array(nativeLibrary(library).view(shared.address, shared.words * 4));
}

/** Hands out shared words, and gives them all back at once. */
export class SharedWordsSource {
  private readonly memories: NativeMemory[] = [];

  /** @param library take native memory in huge pages from this library; if absent, JavaScript's shared memory */
  constructor(private readonly library?: NativeLibrary) {}

  /** Zeroed words that begin on a cache line. */
  take(words: number): SharedWords {
    if (this.library === undefined) return alignedWords(words);
    const memory = NativeMemory.open(words * 4, this.library);
    this.memories.push(memory);
    return { address: memory.address, words };
  }

  /** Whether huge pages were wanted, and the system had none for some. */
  get lacksHugePages(): boolean {
    return this.memories.some(({ isInSmallPages }) => isInSmallPages);
  }

  /** No thread may use what was handed out any more. */
  close(): void {
    for (const memory of this.memories.splice(0)) memory.close();
  }
}
