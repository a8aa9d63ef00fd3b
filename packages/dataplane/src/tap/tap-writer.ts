import type { FrameViews } from '@lb/encap';
import { BURST_PACKETS, type Burst, Flag } from '../burst.js';
import type { Image } from '../image/image.js';
import { A } from '../image/layout.js';
import { Verdict } from '../verdicts.js';
import { F, OUTPUT_UNSAID, R, T, TAP_RING_WORDS, Wants } from './tap-layout.js';

const RING_MASK = TAP_RING_WORDS - 1;
/** Column entries that no stage has set. */
const UNSET = -1;

/**
 * The worker's end of its tap. While nobody taps it costs one look at a word per burst; else every packet is copied as it
 * came, and when its verdict is known those that the filter wants go into the ring.
 */
export class TapWriter {
  private readonly words: Int32Array;
  private readonly ring: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly filter = new Int32Array(F.WORDS);
  private state = 0;
  private received = 0;
  /** Packets that the filter wanted, recorded or not. */
  private matched = 0;
  /** What makes performance.now() a time since 1970, as of the last filter: clocks are set now and then. */
  private epochMs = 0;
  /** Packets as they came, `SNAP_BYTES` for each; their places and lengths. */
  private copies = new Uint8Array(0);
  private readonly offset = new Int32Array(BURST_PACKETS);
  private readonly length = new Int32Array(BURST_PACKETS);
  /** Raw addresses of the packet at hand: source, then destination. */
  private readonly addresses = new Int32Array(8);
  private family = 0;

  /** @param words {@link TAP_WORDS} of shared memory */
  constructor(
    words: Int32Array,
    private readonly burst: Burst,
    private readonly frames: FrameViews,
  ) {
    this.words = words;
    this.ring = words.subarray(T.RING, T.RING + TAP_RING_WORDS);
    this.bytes = new Uint8Array(this.ring.buffer, this.ring.byteOffset, TAP_RING_WORDS * 4);
  }

  /** Before the stages. Whether {@link end} is to be called behind them. */
  begin(): boolean {
    const state = Atomics.load(this.words, T.STATE);
    if (state === 0 || (state !== this.state && !this.follow(state))) return false;
    const limit = this.filter[F.LIMIT];
    if (limit > 0 && this.words[T.RECORDED] >= limit) return false;
    this.copyReceived();
    return true;
  }

  /** Take over a filter. False: it is being changed. */
  private follow(state: number): boolean {
    const { words, filter } = this;
    for (let k = 0; k < F.WORDS; k++) filter[k] = words[T.FILTER + k];
    if (Atomics.load(words, T.STATE) !== state) return false;
    this.state = state;
    this.epochMs = Date.now() - performance.now();
    this.matched = 0;
    const bytes = BURST_PACKETS * filter[F.SNAP_BYTES];
    if (this.copies.length < bytes) this.copies = new Uint8Array(bytes);
    // Not by the successor of a thread that has counted already.
    if (words[T.COUNTED] !== state) {
      words[T.RECORDED] = 0;
      words[T.MISSED] = 0;
      words[T.COUNTED] = state;
    }
    return true;
  }

  private copyReceived(): void {
    const { burst, frames, copies, offset, length } = this;
    const snap = this.filter[F.SNAP_BYTES];
    const { count } = burst;
    this.received = count;
    for (let i = 0; i < count; i++) {
      const from = burst.offset[i];
      offset[i] = from;
      length[i] = burst.length[i];
      copies.set(frames.u8.subarray(from, from + Math.min(length[i], snap)), i * snap);
    }
    for (const column of [burst.vip, burst.as, burst.bucket]) column.fill(UNSET);
    for (const column of [burst.src, burst.dst, burst.protocol, burst.ports, burst.reason]) column.fill(0);
    burst.output.fill(OUTPUT_UNSAID);
  }

  /** Behind the stages, and before the frames are given away. */
  end(image: Image): void {
    const { burst, words, received } = this;
    const limit = this.filter[F.LIMIT];
    const ms = this.epochMs + performance.now();
    const sec = Math.floor(ms / 1000);
    const nsec = Math.floor((ms - sec * 1000) * 1e6);
    for (let i = 0; i < burst.count; i++) {
      // A place for a fragment that could not be made.
      if (i >= received && burst.verdict[i] === Verdict.HOLD) continue;
      this.takeFlow(i);
      if (!this.wants(image, i) || this.matched++ % this.filter[F.ONE_IN] !== 0) continue;
      if (limit > 0 && words[T.RECORDED] >= limit) return;
      if (this.record(image, i, sec, nsec)) words[T.RECORDED] += 1;
      else words[T.MISSED] += 1;
    }
  }

  /** Addresses of packet `i`'s flow. IPv6's stand in the packet, where stages may have changed them: not in its copy. */
  private takeFlow(i: number): void {
    const { burst, addresses, filter } = this;
    const src = burst.src[i];
    const dst = burst.dst[i];
    this.family = 0;
    addresses.fill(0);
    if (src === 0 && dst === 0) return;
    if ((burst.flags[i] & Flag.IPV6) === 0) {
      addresses[0] = src;
      addresses[4] = dst;
      this.family = 4;
      return;
    }
    const snap = filter[F.SNAP_BYTES];
    // There is no copy of what was made here, or had been held.
    const made = i >= this.received;
    const bytes = made ? this.frames.u8 : this.copies;
    const shift = made ? 0 : i * snap - this.offset[i];
    const end = made ? bytes.length : i * snap + Math.min(this.length[i], snap);
    if (Math.max(src, dst) + shift + 16 > end) return;
    for (let k = 0; k < 4; k++) {
      addresses[k] = rawAt(bytes, src + shift + 4 * k);
      addresses[4 + k] = rawAt(bytes, dst + shift + 4 * k);
    }
    this.family = 6;
  }

  private wants(image: Image, i: number): boolean {
    const { filter, burst } = this;
    const wants = filter[F.WANTS];
    if ((filter[F.VERDICTS] & (1 << burst.verdict[i])) === 0) return false;
    if ((wants & Wants.VIP) !== 0 && burst.vip[i] !== filter[F.VIP]) return false;
    if ((wants & Wants.REASON) !== 0 && burst.reason[i] !== filter[F.REASON]) return false;
    if ((wants & (Wants.PROTOCOL | Wants.PORT | Wants.PREFIX)) !== 0 && this.family === 0) return false;
    if ((wants & Wants.PROTOCOL) !== 0 && burst.protocol[i] !== filter[F.PROTOCOL]) return false;
    if ((wants & Wants.PORT) !== 0 && !this.hasPort(i, filter[F.PORT])) return false;
    if ((wants & Wants.PREFIX) !== 0 && !this.isIn(0) && !this.isIn(4)) return false;
    return (wants & Wants.AS) === 0 || this.isAs(image, i);
  }

  private hasPort(i: number, port: number): boolean {
    const { flags, ports } = this.burst;
    return (flags[i] & Flag.PORTS) !== 0 && ((ports[i] & 0xffff) === port || ports[i] >>> 16 === port);
  }

  /** Whether the address in words from `at` is in the prefix. */
  private isIn(at: number): boolean {
    const { filter, addresses } = this;
    const count = filter[F.PREFIX_WORDS];
    if (count !== (this.family === 6 ? 4 : 1)) return false;
    for (let k = 0; k < count; k++) {
      if ((addresses[at + k] & filter[F.MASK + k]) !== filter[F.PREFIX + k]) return false;
    }
    return true;
  }

  private isAs(image: Image, i: number): boolean {
    const as = this.burst.as[i];
    if (as < 0) return false;
    const at = image.ass + as * A.WORDS + A.ADDRESS;
    for (let k = 0; k < 4; k++) if (image.words[at + k] !== this.filter[F.AS + k]) return false;
    return true;
  }

  /** Put packet `i` into the ring. False: there is no room. */
  private record(image: Image, i: number, sec: number, nsec: number): boolean {
    const { burst, ring, bytes, words, copies } = this;
    const snap = this.filter[F.SNAP_BYTES];
    const verdict = burst.verdict[i];
    const before = i < this.received ? this.length[i] : 0;
    const after = verdict === Verdict.FORWARD || verdict === Verdict.REPLY ? burst.length[i] : 0;
    const beforeBytes = Math.min(before, snap);
    const afterBytes = Math.min(after, snap);
    const beforeWords = (beforeBytes + 3) >>> 2;
    const recordWords = R.COUNT + beforeWords + ((afterBytes + 3) >>> 2);
    const at = this.reserve(recordWords);
    if (at < 0) return false;
    ring[at + R.WORDS] = recordWords;
    ring[at + R.STATE] = this.state;
    ring[at + R.SEC] = sec;
    ring[at + R.NSEC] = nsec;
    ring[at + R.VERDICT] = verdict | (burst.reason[i] << 8) | (burst.tracking[i] << 16);
    ring[at + R.FLAGS] = burst.flags[i];
    ring[at + R.KIND] = burst.protocol[i] | (this.family << 16);
    ring[at + R.PORTS] = burst.ports[i];
    ring.set(this.addresses, at + R.SOURCE);
    ring[at + R.VIP] = burst.vip[i];
    ring[at + R.AS] = burst.as[i];
    ring[at + R.BUCKET] = burst.bucket[i];
    ring[at + R.LO] = burst.lo[i];
    ring[at + R.HI] = burst.hi[i];
    ring[at + R.INPUT] = burst.input;
    ring[at + R.OUTPUT] = burst.output[i];
    ring[at + R.REVISION] = image.revision;
    ring[at + R.BEFORE_LENGTH] = before;
    ring[at + R.BEFORE_BYTES] = beforeBytes;
    ring[at + R.AFTER_LENGTH] = after;
    ring[at + R.AFTER_BYTES] = afterBytes;
    const data = (at + R.COUNT) * 4;
    bytes.set(copies.subarray(i * snap, i * snap + beforeBytes), data);
    const sent = burst.offset[i];
    bytes.set(this.frames.u8.subarray(sent, sent + afterBytes), data + beforeWords * 4);
    Atomics.store(words, T.HEAD, (words[T.HEAD] + recordWords) | 0);
    return true;
  }

  /** Where in the ring so many words in a row are free, or −1. */
  private reserve(count: number): number {
    const { words, ring } = this;
    const head = words[T.HEAD];
    const room = TAP_RING_WORDS - ((head - Atomics.load(words, T.TAIL)) | 0);
    const at = head & RING_MASK;
    const toEnd = TAP_RING_WORDS - at;
    if (count <= toEnd) return count <= room ? at : -1;
    if (toEnd + count > room) return -1;
    ring[at + R.WORDS] = 0;
    Atomics.store(words, T.HEAD, (head + toEnd) | 0);
    return 0;
  }
}

function rawAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
