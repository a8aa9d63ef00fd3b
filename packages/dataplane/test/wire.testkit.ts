import { BURST_PACKETS } from '../src/burst.js';
import { NativePool, NativeQueue } from '../src/native/index.js';

/** Against hanging, not a measurement: a busy machine is slow. */
const SILENCE_US = 20_000_000;

/** The far end of an interface, as its neighbour sees it: puts frames on the wire, takes frames off it. */
export class Wire {
  private readonly pool = NativePool.open({ frames: 4096 });
  private readonly queue: NativeQueue;
  private readonly offset = new Uint32Array(BURST_PACKETS);
  private readonly length = new Uint32Array(BURST_PACKETS);

  constructor(interfaceName: string) {
    this.queue = NativeQueue.open(this.pool, {
      kind: 'af_packet',
      interface: interfaceName,
      flags: ['lowLatency', 'qdiscBypass'],
    });
  }

  send(frames: readonly Uint8Array[]): void {
    for (let from = 0; from < frames.length; from += BURST_PACKETS) {
      const some = frames.slice(from, from + BURST_PACKETS);
      some.forEach((frame, i) => {
        this.offset[i] = this.pool.allocate(frame.length);
        this.length[i] = frame.length;
        this.pool.frames.u8.set(frame, this.offset[i]);
      });
      for (let sent = 0; sent < some.length; ) {
        sent += this.queue.tx(this.offset.subarray(sent), this.length.subarray(sent), some.length - sent);
      }
    }
  }

  /** `count` frames; fewer only if none came for so long that none will. */
  receiveAll(count: number): Uint8Array[] {
    const frames: Uint8Array[] = [];
    while (frames.length < count) {
      this.queue.wait(SILENCE_US);
      const more = this.receiveNow();
      if (more.length === 0) break;
      frames.push(...more);
    }
    return frames;
  }

  /** What has arrived. */
  receiveNow(): Uint8Array[] {
    const n = this.queue.rx(this.offset, this.length, BURST_PACKETS);
    const { u8 } = this.pool.frames;
    const frames = Array.from({ length: n }, (_, i) => u8.slice(this.offset[i], this.offset[i] + this.length[i]));
    this.pool.free(this.offset, n);
    return frames;
  }

  close(): void {
    this.queue.close();
    this.pool.close();
  }
}
