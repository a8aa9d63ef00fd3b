import type { Image } from '../image/image.js';
import type { CreateFastStages, FastStages, StageParts, Step } from '../pipeline/fast-stages.js';
import type { NatSessions } from '../pipeline/nat-sessions.js';
import type { NativeLibrary } from './library.js';
import { StageContext } from './stage-context.js';

/** Makes the stages of liblbqueue for an engine, whose stages in TypeScript are their reference. */
export function nativeStages(library: NativeLibrary): CreateFastStages {
  return (parts) => new NativeStages(library, parts);
}

/** One call into the library for a burst. */
class NativeStages implements FastStages {
  private readonly context: StageContext;
  private readonly call: (stages: Uint8Array, from: number) => number;

  constructor(library: NativeLibrary, parts: StageParts) {
    this.context = new StageContext(library, parts);
    this.call = library.calls.stages;
  }

  get listed(): number {
    return this.context.listed;
  }

  follow(image: Image, sessions: NatSessions): void {
    this.context.follow(image, sessions);
  }

  run(from: Step, received: number, held: number): Step {
    const { context } = this;
    context.load(received, held);
    const step = this.call(context.argument, from);
    context.store();
    return step;
  }
}
