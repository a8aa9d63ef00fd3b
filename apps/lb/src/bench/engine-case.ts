import {
  BURST_PACKETS,
  Engine,
  HEADROOM,
  ImageCompiler,
  MemoryQueue,
  NativeLimit,
  type NextHop,
  nativeLibrary,
  nativeStages,
  TrafficGenerator,
} from '@lb/dataplane';
import { BenchMemory } from './bench-memory.js';
import { benchSpec, benchVip, type VipType } from './vip-types.js';

export interface EngineCase {
  readonly type: VipType;
  readonly flows: number;
  /** Bytes on the wire with frame check sequence. */
  readonly packetSize: number;
  /** 0 for all ports. */
  readonly port: number;
  /** Of TCP: established connections, packets that only acknowledge. The limit knows UDP alone. */
  readonly protocol: 'tcp' | 'udp';
  /** Whose stages; native ones need the library. */
  readonly stages: 'native' | 'typescript';
}

/** Millions of packets a second in one stretch of time. */
export interface Window {
  /** In the engine alone. */
  readonly engine: number;
  /** With the generator writing the packets. */
  readonly total: number;
  /** The same work in plain C, and a copy of the frames alone: in turns with the engine, where they are built. */
  readonly limit?: number;
  readonly copy?: number;
}

export interface TableState {
  /** Live entries of the flow table by its capacity, 0 to 1. */
  readonly occupancy: number;
  /** Packets forwarded without an entry, warm-up included. */
  readonly untracked: number;
}

const FLOWS_PER_LINE = 4;
/** By then every function that a packet meets has long been optimised. */
const WARM_UP_BURSTS = 4000;

const NEXT_HOP: NextHop = {
  destinationMac: Uint8Array.of(2, 0, 0, 0, 1, 2),
  sourceMac: Uint8Array.of(2, 0, 0, 0, 1, 1),
  queue: 0,
};

/** Bursts that are written, then processed on the clock: so that reading the clock costs next to nothing. */
const GROUP = 4;
const FRAMES = 4096;
const FRAME_BYTES = 2048;

/** Packets and the time that they took. */
class Meter {
  packets = 0;
  ns = 0;

  get mpps(): number {
    return (this.packets * 1000) / this.ns;
  }
}

/**
 * An engine with one VIP on the memory queue, whose 4096 frames are used again and again as those of a network card
 * are. The generator writes a few bursts of packets before the clock of the engine starts. Where the native library is
 * built, tables and frames lie in huge pages, and the clock is the thread's processor time, which others do not disturb.
 */
export class EngineRun {
  private readonly engine: Engine;
  private readonly queue: MemoryQueue;
  private readonly memory = new BenchMemory();
  private limit: NativeLimit | undefined;
  private readonly encap: number;
  private readonly written = Array.from({ length: GROUP }, () => ({
    offset: new Int32Array(BURST_PACKETS),
    length: new Int32Array(BURST_PACKETS),
  }));

  constructor(readonly about: EngineCase) {
    const vip = benchVip(about.type, about.port);
    // Forwarded packets get their MAC addresses, as on a real network.
    const image = new ImageCompiler().compile(benchSpec(vip), { nextHop: () => NEXT_HOP });
    const target = { prefix: vip.prefix, protocol: about.protocol === 'tcp' ? 6 : 17, port: vip.port } as const;
    const generator = new TrafficGenerator({ targets: [target], flows: about.flows, packetSize: about.packetSize });
    const { memory } = this;
    this.queue = new MemoryQueue({
      generator,
      frames: FRAMES,
      frameSize: FRAME_BYTES,
      memory: memory.frames(FRAMES * FRAME_BYTES),
    });
    const lines = linesFor(about.flows);
    const secret = [1, 2, 3, 4] as const;
    const translates = vip.encap === 'nat4' || vip.encap === 'nat6';
    this.engine = new Engine({
      image,
      source: this.queue,
      flowTableLines: lines,
      secret,
      flowMemory: memory.flows(lines),
      ...(translates && { sessions: memory.sessions(lines, secret) }),
      ...(about.stages === 'native' && { fastStages: nativeStages(nativeLibrary()) }),
    });
    this.encap = 1 + ['gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'].indexOf(vip.encap);
  }

  /** Lets every flow pass twice, and the compiler do its work. */
  warmUp(): void {
    const bursts = WARM_UP_BURSTS + Math.ceil((2 * this.about.flows) / BURST_PACKETS);
    for (let i = 0; i < bursts; i++) this.engine.poll(this.queue);
    const { library } = this.memory;
    if (this.about.protocol === 'udp') this.limit = library && NativeLimit.open(library, this.engine, this.queue);
    this.compareWithLimit();
  }

  /**
   * What is said to be possible has to do the same work: every frame of a burst must come out of both alike.
   * @throws Error
   */
  private compareWithLimit(): void {
    const { limit, queue, engine } = this;
    if (limit === undefined) return;
    const { u8 } = queue.frames;
    this.write(1);
    const from = this.written[0]!.offset[0]! - HEADROOM;
    const end = from + BURST_PACKETS * FRAME_BYTES;
    const before = u8.slice(from, end);
    this.load(0);
    engine.process();
    const made = u8.slice(from, end);
    u8.set(before, from);
    this.load(0);
    const odd = limit.run(this.encap);
    if (odd > 0 || Buffer.compare(made, u8.subarray(from, end)) !== 0) {
      throw new Error(`bench: the limit makes other packets of ${this.about.type} than the engine`);
    }
  }

  /** Have the generator write `bursts` bursts. */
  private write(bursts: number): void {
    const { burst } = this.engine;
    for (let g = 0; g < bursts; g++) {
      this.queue.rx(burst);
      const { offset, length } = this.written[g]!;
      for (let i = 0; i < BURST_PACKETS; i++) {
        offset[i] = burst.offset[i]!;
        length[i] = burst.length[i]!;
      }
    }
  }

  /** Hand the engine burst `g` of those written. */
  private load(g: number): void {
    const { burst } = this.engine;
    burst.offset.set(this.written[g]!.offset);
    burst.length.set(this.written[g]!.length);
    burst.count = BURST_PACKETS;
  }

  /** Measures for about `ms` milliseconds. */
  measure(ms: number): Window {
    const { memory, limit } = this;
    const [engine, plain, copied] = [new Meter(), new Meter(), new Meter()];
    const start = performance.now();
    const from = memory.clock();
    let beside = 0;
    for (let turn = 0; performance.now() - start < ms || turn === 0; turn++) {
      this.group(engine, () => this.engine.process());
      const before = memory.clock();
      if (limit !== undefined) {
        this.group(plain, () => limit.run(this.encap));
        // It is done in no time: a look now and then is enough.
        if (turn % 4 === 0) this.group(copied, () => limit.copy());
      }
      beside += memory.clock() - before;
    }
    const total = memory.clock() - from - beside;
    return {
      engine: engine.mpps,
      total: (engine.packets * 1000) / total,
      ...(limit !== undefined && { limit: plain.mpps, copy: copied.mpps }),
    };
  }

  private group(meter: Meter, process: () => unknown): void {
    const { memory } = this;
    this.write(GROUP);
    const from = memory.clock();
    for (let g = 0; g < GROUP; g++) {
      this.load(g);
      process();
    }
    meter.ns += memory.clock() - from - memory.clockNs;
    meter.packets += GROUP * BURST_PACKETS;
  }

  /** How full the flow table is, and how many packets went without an entry. */
  state(): TableState {
    const { flows, counters, burst } = this.engine;
    const live = flows.sweep(0, flows.lines, burst.now);
    return { occupancy: live / (flows.lines * FLOWS_PER_LINE), untracked: counters.vip(0).untracked };
  }
}

/** Lines for a table that is half full. */
export function linesFor(flows: number): number {
  let lines = 1;
  while (lines * FLOWS_PER_LINE < flows * 2) lines *= 2;
  return lines;
}
