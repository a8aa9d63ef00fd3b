import { setTimeout as delay } from 'node:timers/promises';
import { workerError } from '../worker/errors.js';
import { filterWords, type TapFilter } from './tap-filter.js';
import { R, T, TAP_RING_WORDS } from './tap-layout.js';
import { readRecord, type TapRecord } from './tap-record.js';

const RING_MASK = TAP_RING_WORDS - 1;
/** How often new records are looked for: at 100,000 wanted packets of 100 bytes a second a ring is full in 30 ms. */
const POLL_MS = 10;
const READ_RECORDS = 4096;

/** Where taps are opened: the supervisor's end of all workers' taps. There is one at a time. */
export class TapSource {
  private state = 0;
  private current: Tap | undefined;

  /** @param taps by worker, {@link TAP_WORDS} of shared memory each */
  constructor(private readonly taps: readonly Int32Array[]) {}

  /** @throws LbError LB_WORKER_TAP_BUSY, LB_WORKER_OPTIONS */
  open(filter: TapFilter): Tap {
    if (this.current?.isOpen === true) {
      throw workerError('LB_WORKER_TAP_BUSY', 'packets are being captured or traced already', 'end that first');
    }
    const words = filterWords(filter);
    this.state = (this.state % 0x7fffffff) + 1;
    this.current = new Tap(this.taps, words, this.state, filter.packets ?? Number.POSITIVE_INFINITY);
    return this.current;
  }

  close(): void {
    this.current?.close();
  }
}

/** What becomes of packets from now on, until closed. */
export class Tap {
  /** Whether {@link close} has not been called. */
  isOpen = true;
  private left: number;

  constructor(
    private readonly taps: readonly Int32Array[],
    filter: Int32Array,
    private readonly state: number,
    packets: number,
  ) {
    this.left = packets;
    for (const words of taps) {
      words.set(filter, T.FILTER);
      // What was recorded before is not asked for.
      Atomics.store(words, T.TAIL, Atomics.load(words, T.HEAD));
      Atomics.store(words, T.STATE, state);
    }
  }

  /** Whether as many packets have come as were asked for. */
  get isComplete(): boolean {
    return this.left === 0;
  }

  /** Wanted packets that were left out because records were not read fast enough. */
  get missed(): number {
    return this.taps.reduce((sum, words) => sum + (words[T.COUNTED] === this.state ? words[T.MISSED] : 0), 0);
  }

  /** What has been recorded since the last call, `limit` records at most; those of one worker in order. Does not wait. */
  read(limit = READ_RECORDS): TapRecord[] {
    const records: TapRecord[] = [];
    for (let worker = 0; this.isOpen && worker < this.taps.length; worker++) this.readWorker(worker, limit, records);
    return records;
  }

  private readWorker(worker: number, limit: number, records: TapRecord[]): void {
    const words = this.taps[worker];
    const ring = words.subarray(T.RING, T.RING + TAP_RING_WORDS);
    const head = Atomics.load(words, T.HEAD);
    let tail = words[T.TAIL];
    while (tail !== head && records.length < limit && this.left > 0) {
      const at = tail & RING_MASK;
      const count = ring[at + R.WORDS];
      if (count === 0) {
        tail = (tail + TAP_RING_WORDS - at) | 0;
        continue;
      }
      if (ring[at + R.STATE] === this.state) {
        records.push(readRecord(ring, at, worker));
        this.left--;
      }
      tail = (tail + count) | 0;
    }
    Atomics.store(words, T.TAIL, tail);
  }

  /** Records as they come, in batches, until enough have come, the tap is closed, or `signal` says so. */
  async *batches(signal?: AbortSignal): AsyncGenerator<readonly TapRecord[], void, undefined> {
    while (this.isOpen && signal?.aborted !== true) {
      const records = this.read();
      if (records.length > 0) yield records;
      if (this.isComplete) return;
      if (records.length < READ_RECORDS) await delay(POLL_MS);
    }
  }

  /** Repeating it does nothing. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const words of this.taps) Atomics.store(words, T.STATE, 0);
  }
}
