import { receiveMessageOnPort } from 'node:worker_threads';
import { Image } from './image.js';
import { type BufferNotice, Control, type ImageFeed, WorkerWord, workerWord } from './image-feed.js';
import { ImageGarbage } from './image-garbage.js';
import { H } from './layout.js';

/** What may wait for collection in a worker that has packets, or none. */
const BUSY_WAITING_BYTES = 32 << 20;
const IDLE_WAITING_BYTES = 4 << 20;

/** Follows a feed from inside a worker: what {@link ImagePublisher} says about the order of things holds here. */
export class ImageFollower {
  private revision = 0;
  /** Notices taken from the port. */
  private taken = 0;
  private readonly buffers: (Uint32Array | undefined)[] = [];
  private readonly garbage = new ImageGarbage('young', BUSY_WAITING_BYTES, IDLE_WAITING_BYTES);

  constructor(private readonly feed: ImageFeed) {}

  /**
   * The image to change over to, or undefined when there is nothing new: one load from shared memory. Call it between
   * two bursts; after changing over call {@link acknowledge}.
   */
  poll(): Image | undefined {
    const { control } = this.feed;
    const published = Atomics.load(control, Control.REVISION);
    if (published === this.revision) return undefined;
    this.takeNotices();
    const words = this.buffers[Atomics.load(control, Control.BUFFER)];
    // Another may have been published between the two loads: the next call finds it.
    return words?.[H.REVISION] === published ? new Image(words) : undefined;
  }

  /** Say that the engine uses `image` and nothing older. */
  acknowledge(image: Image): void {
    const { control, index } = this.feed;
    this.revision = image.revision;
    Atomics.store(control, workerWord(index, WorkerWord.USED), image.revision);
    this.garbage.settle();
  }

  /** There are no packets just now: time for what can wait. */
  rest(): void {
    this.garbage.settleAtRest();
  }

  /** A look into the port costs tens of microseconds: none for what is known not to be there. */
  private takeNotices(): void {
    const { control, index, port } = this.feed;
    const posted = Atomics.load(control, workerWord(index, WorkerWord.POSTED));
    while (this.taken < posted) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) break;
      const { buffer, words } = next.message as BufferNotice;
      this.garbage.add(this.buffers[buffer]?.byteLength ?? 0);
      this.buffers[buffer] = words;
      this.taken++;
    }
  }
}
