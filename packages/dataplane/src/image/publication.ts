import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Image } from './image.js';
import { type BufferNotice, Control, type ImageFeed, WorkerWord, workerWord } from './image-feed.js';
import { ImageGarbage } from './image-garbage.js';

/** What may wait for collection in the control thread, which a collection holds up. */
const WAITING_BYTES = 128 << 20;
/** Buffers that are kept though they hold nothing: the next images need them. */
const SPARE_BUFFERS = 2;

interface Buffer {
  readonly words: Uint32Array;
  /** Of the image in it that some worker may still read; 0 for none. */
  revision: number;
}

/**
 * How an image reaches the workers: no lock, no packet waits, no packet meets half an image.
 *
 * Images lie in buffers of shared memory, which every worker knows. A buffer is used again when nobody can read what is
 * in it, so in the long run a change costs a worker a few loads from shared memory and nothing waits for collection. Only of a new
 * buffer, or of one that is gone, a worker is told through its message port. The control block (image-feed.ts) has the rest.
 *
 * | state of an image | meaning | left by | who moves it |
 * | --- | --- | --- | --- |
 * | built | complete, known to the publisher only | publish: copied into a free buffer, which is then named in the control block | publisher |
 * | published | workers pick it up between two bursts | worker w finds it in the buffer and stores what it uses | each worker |
 * | acknowledged | every worker uses it or a later one | a later image is acknowledged | workers |
 * | retired | no worker can read it any more | its buffer is free | publisher |
 *
 * Order matters in three places: the image is in the buffer, and notice of the buffer in the port, before the control
 * block names them; the buffer is named before the revision, and a worker that finds another revision in it than it was
 * told of leaves it for the next time; and a worker stores what it uses after its engine has changed over (what is
 * retired is not in use). Worker w writes nothing but its word. A worker that died acknowledges nothing;
 * {@link ImagePublisher.replaceWorker} starts its successor on the latest image.
 */
export class ImagePublisher {
  private readonly control: Int32Array;
  private readonly ports: MessagePort[] = [];
  private readonly buffers: (Buffer | undefined)[] = [];
  private current = 0;
  private readonly garbage = new ImageGarbage('all', WAITING_BYTES);

  constructor(readonly workers: number) {
    this.control = new Int32Array(new SharedArrayBuffer(workerWord(workers, WorkerWord.USED) * 4));
  }

  /** What worker `index` needs to follow. */
  connect(index: number): ImageFeed {
    const { port1, port2 } = new MessageChannel();
    this.ports[index] = port1;
    port1.unref();
    Atomics.store(this.control, workerWord(index, WorkerWord.POSTED), 0);
    for (const [buffer, known] of this.buffers.entries()) {
      if (known !== undefined) this.tell(index, { buffer, words: known.words });
    }
    return { control: this.control, index, port: port2 };
  }

  /** A worker has died: forget what it used and make a feed for its successor. */
  replaceWorker(index: number): ImageFeed {
    this.ports[index]?.close();
    Atomics.store(this.control, workerWord(index, WorkerWord.USED), 0);
    return this.connect(index);
  }

  /** Hand an image to the workers. Its revision must be above all before it. */
  publish(image: Image): void {
    if (image.revision <= this.current) {
      throw new RangeError(`image revision ${image.revision} does not follow ${this.current}`);
    }
    this.reclaim();
    const buffer = this.bufferFor(image.unsigned.length);
    const { words } = this.buffers[buffer]!;
    words.set(image.unsigned);
    this.buffers[buffer]!.revision = image.revision;
    this.current = image.revision;
    // The image itself: V8 knows of its memory, but with this much to spare it lets the heap grow by a hundred MB meanwhile.
    this.garbage.add(image.unsigned.byteLength);
    Atomics.store(this.control, Control.BUFFER, buffer);
    Atomics.store(this.control, Control.REVISION, image.revision);
  }

  /** The lowest revision a worker uses; 0 while one uses none. */
  acknowledged(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (let w = 0; w < this.workers; w++) {
      lowest = Math.min(lowest, Atomics.load(this.control, workerWord(w, WorkerWord.USED)));
    }
    return lowest;
  }

  /** Free the buffers of images that no worker can read any more. Returns how many. */
  reclaim(): number {
    const lowest = this.acknowledged();
    let freed = 0;
    for (const buffer of this.buffers) {
      if (buffer === undefined || buffer.revision === 0 || buffer.revision >= lowest) continue;
      buffer.revision = 0;
      freed++;
    }
    this.dropSurplus();
    return freed;
  }

  /** Images that some worker may read, the current one included. */
  get held(): number {
    return this.buffers.filter((buffer) => buffer !== undefined && buffer.revision !== 0).length;
  }

  close(): void {
    for (const port of this.ports) port?.close();
  }

  /** Number of a free buffer of at least `length` words. */
  private bufferFor(length: number): number {
    const { buffers } = this;
    const isFree = (buffer: Buffer | undefined) => buffer === undefined || buffer.revision === 0;
    const fitting = buffers.findIndex((buffer) => buffer?.revision === 0 && buffer.words.length >= length);
    if (fitting >= 0) return fitting;
    const place = buffers.findIndex(isFree);
    const number = place >= 0 ? place : buffers.length;
    // Some more than needed: a VIP more is no reason for another buffer.
    const words = new Uint32Array(new SharedArrayBuffer((length + (length >>> 3)) * 4));
    this.put(number, { words, revision: 0 });
    return number;
  }

  /** Many are needed only while a worker does not follow; of the spare ones the largest stay. */
  private dropSurplus(): void {
    const free = [...this.buffers.entries()].filter(([, buffer]) => buffer?.revision === 0);
    free.sort(([, a], [, b]) => b!.words.length - a!.words.length);
    for (const [number] of free.slice(SPARE_BUFFERS)) this.put(number, undefined);
    this.garbage.settle();
  }

  private put(number: number, buffer: Buffer | undefined): void {
    this.garbage.add(this.buffers[number]?.words.byteLength ?? 0);
    this.buffers[number] = buffer;
    for (const worker of this.ports.keys()) this.tell(worker, { buffer: number, words: buffer?.words });
  }

  private tell(worker: number, notice: BufferNotice): void {
    const port = this.ports[worker];
    if (port === undefined) return;
    port.postMessage(notice);
    Atomics.add(this.control, workerWord(worker, WorkerWord.POSTED), 1);
  }
}
