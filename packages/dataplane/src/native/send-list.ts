import { BURST_CAPACITY } from '../burst.js';
import type { NativeQueue } from './native-queue.js';

/** How often a full ring is offered the rest of a list before that is given up: the kernel may just be emptying it. */
const TRIES = 4;

/** Descriptors of a burst that go the same way, in sending order. */
export class SendList {
  readonly offset = new Int32Array(BURST_CAPACITY);
  readonly length = new Int32Array(BURST_CAPACITY);
  count = 0;

  add(offset: number, length: number): void {
    this.offset[this.count] = offset;
    this.length[this.count] = length;
    this.count++;
  }

  /** Send all and be empty; what the queue does not take goes to `unsent`. Returns how many that are. */
  send(queue: NativeQueue, unsent: SendList): number {
    for (let tries = 0; this.count > 0 && tries < TRIES; tries++) {
      this.removeFront(queue.tx(this.offset, this.length, this.count));
    }
    const left = this.count;
    for (let i = 0; i < left; i++) unsent.add(this.offset[i], this.length[i]);
    this.count = 0;
    return left;
  }

  private removeFront(n: number): void {
    this.offset.copyWithin(0, n, this.count);
    this.length.copyWithin(0, n, this.count);
    this.count -= n;
  }
}
