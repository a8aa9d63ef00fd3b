import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Engine } from '../pipeline/engine.js';
import type { FrameSource } from '../queues/queue.js';
import type { NativeLibrary } from './library.js';
import { StageContext } from './stage-context.js';

/** Bytes between two frames of a copied burst. */
const COPY_STRIDE = 2048;

/** How fast it could be: native/bench/limit.c, on the tables and frames of an engine. */
export class NativeLimit {
  private readonly context: StageContext;
  private readonly copies: Uint8Array;

  private constructor(
    library: NativeLibrary,
    private readonly engine: Engine,
    source: FrameSource,
    private readonly limit: (stages: Uint8Array, encap: number) => number,
    private readonly copyFrames: (stages: Uint8Array, to: Uint8Array) => number,
  ) {
    const { burst, flows, counters } = engine;
    this.context = new StageContext(library, { burst, flows, counters, frames: source.frames });
    this.copies = new Uint8Array(engine.burst.offset.length * COPY_STRIDE);
  }

  /** Undefined where it is not built. Make it when the engine follows its last image. */
  static open(library: NativeLibrary, engine: Engine, source: FrameSource): NativeLimit | undefined {
    const path = join(dirname(library.path), 'bench', 'liblblimit.so');
    if (!existsSync(path)) return undefined;
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    const loaded = koffi.load(path);
    const limit = loaded.func('int32_t lbq_limit(uint8_t *stages, int32_t encap)');
    const copy = loaded.func('int32_t lbq_copy(uint8_t *stages, uint8_t *to)');
    const made = new NativeLimit(library, engine, source, limit as never, copy as never);
    made.context.follow(engine.image, engine.sessions);
    return made;
  }

  /**
   * Do to the burst what the engine would.
   * @param encap EncapCode of its packets
   * @returns packets that it could not: not of an established flow
   */
  run(encap: number): number {
    this.context.load(this.engine.burst.count, 0);
    return this.limit(this.context.argument, encap);
  }

  /** Copy the frames of the burst, and nothing else. */
  copy(): void {
    this.context.load(this.engine.burst.count, 0);
    this.copyFrames(this.context.argument, this.copies);
  }
}
