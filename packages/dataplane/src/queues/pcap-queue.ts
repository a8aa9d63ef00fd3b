import { type FrameViews, frameViews } from '@lb/encap';
import { BURST_CAPACITY, BURST_PACKETS, type Burst } from '../burst.js';
import { captureError } from '../capture/errors.js';
import type { CaptureReader, CaptureWriter } from '../capture/index.js';
import { LINK_TYPE_ETHERNET, linkTypeError } from '../capture/index.js';
import { TICKS_PER_SECOND } from '../clock.js';
import { Verdict } from '../verdicts.js';
import { HEADROOM, type PacketQueue } from './queue.js';

/** Frames hold the largest IP packet with tags and encapsulation. */
const FRAME_BYTES = 1 << 17;
const MAX_PACKET = FRAME_BYTES - HEADROOM;

/**
 * A capture file as a queue: packets in, forwarded packets out, in order. Time is the capture's own, so a replay is
 * deterministic: a burst ends where the tick changes.
 */
export class PcapQueue implements PacketQueue {
  readonly frames: FrameViews = frameViews(new ArrayBuffer(BURST_CAPACITY * FRAME_BYTES));
  /** Packets read so far. */
  packets = 0;
  private readonly sec = new Float64Array(BURST_CAPACITY);
  private readonly nsec = new Uint32Array(BURST_CAPACITY);
  private readonly order: number[] = [];
  /** A packet read ahead that belongs to the next burst. */
  private pending = false;
  private used = 0;
  private ended = false;

  constructor(
    private readonly reader: CaptureReader,
    private readonly writer: CaptureWriter,
    /** Most packets to a burst; 1 where an answer must find what its question, the packet before, has left behind. */
    private readonly burstPackets: number = BURST_PACKETS,
  ) {}

  rx(burst: Burst): number {
    let n = 0;
    this.used = 0;
    while (n < this.burstPackets && !this.ended) {
      if (!this.pending && !this.readNext()) break;
      const reader = this.reader;
      const tick = Math.floor((reader.timestampSec + reader.timestampNsec / 1e9) * TICKS_PER_SECOND) >>> 0;
      if (n === 0) burst.now = tick;
      else if (tick !== burst.now) break;
      const at = this.frameAt(this.used++);
      this.frames.u8.set(reader.data.subarray(reader.dataOffset, reader.dataOffset + reader.capturedLength), at);
      burst.offset[n] = at;
      burst.length[n] = reader.capturedLength;
      this.sec[n] = reader.timestampSec;
      this.nsec[n] = reader.timestampNsec;
      this.pending = false;
      n++;
    }
    this.packets += n;
    burst.count = n;
    return n;
  }

  private readNext(): boolean {
    const reader = this.reader;
    if (!reader.next()) {
      this.ended = true;
      return false;
    }
    if (reader.linkType !== LINK_TYPE_ETHERNET) throw linkTypeError(reader.where, reader.linkType);
    if (reader.capturedLength > MAX_PACKET) {
      throw captureError(
        'LB_CAP_RECORD_TOO_LARGE',
        `${reader.where}: ${reader.capturedLength} bytes exceed the largest frame of ${MAX_PACKET}`,
      );
    }
    this.pending = true;
    return true;
  }

  private frameAt(index: number): number {
    return index * FRAME_BYTES + HEADROOM;
  }

  tx(burst: Burst): void {
    if (!burst.reordered) {
      for (let i = 0; i < burst.count; i++) this.write(burst, i, i);
      return;
    }
    const order = this.order;
    order.length = 0;
    for (let i = 0; i < burst.count; i++) order.push(i);
    order.sort((a, b) => burst.sequence[a] - burst.sequence[b] || a - b);
    for (const i of order) this.write(burst, i, burst.sequence[i]);
  }

  /** A released fragment leaves at its first fragment's time. */
  private write(burst: Burst, i: number, timeOf: number): void {
    if (burst.verdict[i] !== Verdict.FORWARD) return;
    this.writer.write(this.frames.u8, burst.offset[i], burst.length[i], this.sec[timeOf], this.nsec[timeOf]);
  }

  allocate(lengthBytes: number): number {
    return lengthBytes <= MAX_PACKET && this.used < BURST_CAPACITY ? this.frameAt(this.used++) : -1;
  }

  close(): void {
    this.reader.close();
  }
}
