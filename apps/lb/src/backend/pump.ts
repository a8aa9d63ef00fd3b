import type { NativePool, NativeQueue } from '@lb/dataplane';
import { isDelivered, OUTCOMES, Outcome } from './outcome.js';
import { ETHERNET_BYTES, type Unwrapper } from './unwrapper.js';

const BURST = 256;

/** Where frames come from; a queue of the pool. */
export interface PumpInput {
  readonly queue: Pick<NativeQueue, 'rx'>;
  /** Takes frames that are not for us back to the host; undefined where the kernel has its own copy. */
  readonly punt: Pick<NativeQueue, 'tx'> | undefined;
}

/** Frames that go the same way. */
class List {
  readonly offset = new Uint32Array(BURST);
  readonly length = new Uint32Array(BURST);
  count = 0;

  add(offset: number, length: number): void {
    this.offset[this.count] = offset;
    this.length[this.count] = length;
    this.count++;
  }
}

/** Moves frames: from the inputs through the unwrapper to the TAP, back to the host, or nowhere. */
export class Pump {
  /** Frames by outcome, as numbered in `OUTCOMES`. */
  readonly outcomes: number[] = OUTCOMES.map(() => 0);
  /** Bytes of the IP packets that were given to the host. */
  deliveredBytes = 0;
  /** Frames for the host that it did not take. */
  untaken = 0;
  private readonly offset = new Uint32Array(BURST);
  private readonly length = new Uint32Array(BURST);
  private readonly toTap = new List();
  private readonly toHost = new List();
  private readonly toPool = new List();

  constructor(
    private readonly pool: Pick<NativePool, 'free'>,
    private readonly inputs: readonly PumpInput[],
    private readonly tap: Pick<NativeQueue, 'tx'>,
    private readonly unwrapper: Unwrapper,
  ) {}

  /** Moves up to one burst of each input. Returns how many frames came. */
  run(): number {
    let received = 0;
    for (const input of this.inputs) {
      const n = input.queue.rx(this.offset, this.length, BURST);
      if (n === 0) continue;
      received += n;
      this.sort(n, input.punt !== undefined);
      this.send(this.tap, this.toTap);
      if (input.punt !== undefined) this.send(input.punt, this.toHost);
      this.release();
    }
    return received;
  }

  private sort(n: number, punts: boolean): void {
    const { unwrapper, outcomes } = this;
    for (let i = 0; i < n; i++) {
      const offset = this.offset[i]!;
      const length = this.length[i]!;
      const outcome = unwrapper.unwrap(offset, length);
      outcomes[outcome]!++;
      if (isDelivered(outcome)) {
        this.toTap.add(unwrapper.offset, unwrapper.length);
        this.deliveredBytes += unwrapper.length - ETHERNET_BYTES;
      } else if (punts && outcome !== Outcome.MALFORMED) {
        this.toHost.add(offset, length);
      } else {
        this.toPool.add(offset, length);
      }
    }
  }

  private send(queue: Pick<NativeQueue, 'tx'>, list: List): void {
    if (list.count === 0) return;
    const taken = queue.tx(list.offset, list.length, list.count);
    for (let i = taken; i < list.count; i++) {
      this.untaken++;
      this.toPool.add(list.offset[i]!, list.length[i]!);
    }
    list.count = 0;
  }

  private release(): void {
    if (this.toPool.count === 0) return;
    this.pool.free(this.toPool.offset, this.toPool.count);
    this.toPool.count = 0;
  }
}
