import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Image } from './image.js';
import { ImageGarbage } from './image-garbage.js';
import { H } from './layout.js';

/** What may wait for collection: in the control thread, which a collection holds up for longer, and in a worker that has packets, or none. */
const CONTROL_WAITING_BYTES = 128 << 20;
const BUSY_WORKER_WAITING_BYTES = 32 << 20;
const IDLE_WORKER_WAITING_BYTES = 4 << 20;

/**
 * How an image reaches the workers: no lock, no packet waits, no packet meets half an image.
 *
 * The images themselves are shared memory, sent once through a message port per worker and never written again. A
 * control block of 32-bit words in shared memory says how far everybody is:
 *
 *     word 0      revision published last
 *     word 1 + w  revision worker w uses
 *
 * | state of an image | meaning | left by | who moves it |
 * | --- | --- | --- | --- |
 * | built | complete, known to the publisher only | publish: sent to every port, then word 0 is stored | publisher |
 * | published | workers pick it up between two bursts | worker w takes it from its port and stores word 1 + w | each worker |
 * | acknowledged | every worker uses it or a later one | a later image is acknowledged | workers |
 * | retired | no worker can read it any more | reclaim drops the last reference | publisher |
 *
 * Order matters in two places: the image is in the port before word 0 names it (a worker that sees the number finds the
 * image), and a worker stores word 1 + w after its engine has changed over (what is retired is not in use). A worker
 * that finds several images in its port takes the last. A worker never writes word 0, the publisher never word 1 + w.
 * A worker that died acknowledges nothing; {@link ImagePublisher.replaceWorker} starts its successor on the latest image.
 */
export class ImagePublisher {
  private readonly control: Int32Array;
  private readonly ports: MessagePort[] = [];
  /** Images that some worker may still read, oldest first; the last is the current one. */
  private readonly live: Image[] = [];
  private readonly garbage = new ImageGarbage('all', CONTROL_WAITING_BYTES);

  constructor(readonly workers: number) {
    this.control = new Int32Array(new SharedArrayBuffer((1 + workers) * 4));
  }

  /** What worker `index` needs to follow: goes to it as `workerData` with the port in its transfer list. */
  connect(index: number): ImageFeed {
    const { port1, port2 } = new MessageChannel();
    this.ports[index] = port1;
    port1.unref();
    const current = this.live.at(-1);
    if (current !== undefined) port1.postMessage(current.unsigned);
    return { control: this.control, index, port: port2 };
  }

  /** A worker has died: forget what it used and make a feed for its successor. */
  replaceWorker(index: number): ImageFeed {
    this.ports[index]?.close();
    Atomics.store(this.control, 1 + index, 0);
    return this.connect(index);
  }

  /** Hand an image to the workers. Its revision must be above all before it. */
  publish(image: Image): void {
    const previous = this.live.at(-1);
    if (image.revision <= (previous?.revision ?? 0)) {
      throw new RangeError(`image revision ${image.revision} does not follow ${previous?.revision ?? 0}`);
    }
    this.live.push(image);
    for (const port of this.ports) port?.postMessage(image.unsigned);
    Atomics.store(this.control, 0, image.revision);
  }

  /** The lowest revision a worker uses; 0 while one uses none. */
  acknowledged(): number {
    let lowest = Atomics.load(this.control, 1);
    for (let w = 1; w < this.workers; w++) lowest = Math.min(lowest, Atomics.load(this.control, 1 + w));
    return lowest;
  }

  /** Drop the images that no worker can read any more. Returns how many. */
  reclaim(): number {
    const lowest = this.acknowledged();
    let dropped = 0;
    while (this.live.length > 1 && this.live[0].revision < lowest) {
      this.garbage.add(this.live.shift()!.unsigned.byteLength);
      dropped++;
    }
    this.garbage.settle();
    return dropped;
  }

  /** Images held, the current one included. */
  get held(): number {
    return this.live.length;
  }

  close(): void {
    for (const port of this.ports) port?.close();
  }
}

/** A worker's end of the publication. */
export interface ImageFeed {
  readonly control: Int32Array;
  readonly index: number;
  readonly port: MessagePort;
}

/** Follows a feed from inside a worker. */
export class ImageFollower {
  private revision = 0;
  private readonly garbage = new ImageGarbage('young', BUSY_WORKER_WAITING_BYTES, IDLE_WORKER_WAITING_BYTES);

  constructor(private readonly feed: ImageFeed) {}

  /**
   * The image to change over to, or undefined when there is nothing new: one load from shared memory. Call it between
   * two bursts; after changing over call {@link acknowledge}.
   */
  poll(): Image | undefined {
    const { control, port } = this.feed;
    const published = Atomics.load(control, 0);
    if (published === this.revision) return undefined;
    let words: Uint32Array | undefined;
    // A look into the port costs microseconds: none for what is known not to be there.
    while (words === undefined || words[H.REVISION] !== published) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) break;
      words = next.message as Uint32Array;
      this.garbage.add(words.byteLength);
    }
    return words === undefined ? undefined : new Image(words);
  }

  /** Say that the engine uses `image` and nothing older. */
  acknowledge(image: Image): void {
    this.revision = image.revision;
    Atomics.store(this.feed.control, 1 + this.feed.index, image.revision);
    this.garbage.settle();
  }

  /** There are no packets just now: time for what can wait. */
  rest(): void {
    this.garbage.settleAtRest();
  }
}
