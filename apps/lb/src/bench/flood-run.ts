import {
  BURST_PACKETS,
  Engine,
  ImageCompiler,
  MemoryQueue,
  type NextHop,
  nativeLibrary,
  nativeStages,
  TrafficGenerator,
} from '@lb/dataplane';
import { BenchMemory } from './bench-memory.js';
import type { EngineCase } from './engine-case.js';
import { benchSpec, benchVip } from './vip-types.js';

/** How the table is when the flood is measured: half full, or so full of it that few or none find room. */
export const TABLE_STATES = ['half', 'nearly full', 'full'] as const;
export type TableStateName = (typeof TABLE_STATES)[number];

/** What is measured in one stretch of time. */
export interface FloodWindow {
  readonly state: TableStateName;
  /** Part of the packets that are SYNs of random sources, no two alike; the others are of established connections. */
  readonly flood: number;
}

/** Lines of the table: a million flows in 16 MiB. */
const LINES = 1 << 18;
/** Part of the entries that are in use when it is nearly full. */
const NEARLY = 0.95;
const SYN = 0x02;
const NEXT_HOP: NextHop = {
  destinationMac: Uint8Array.of(2, 0, 0, 0, 1, 2),
  sourceMac: Uint8Array.of(2, 0, 0, 0, 1, 1),
  queue: 0,
};

/** Established connections that take turns, and between them a flood: each packet is of one or the other by chance. */
class Mixture {
  /** Of the flood, by 65,536. */
  share = 0;
  flooded = 0;
  private random = 1;
  private readonly established: TrafficGenerator;
  private readonly syns: TrafficGenerator;

  constructor(established: number) {
    const targets = [{ prefix: benchVip('ip4-gre4', 0).prefix, protocol: 6, port: 443 }] as const;
    this.established = new TrafficGenerator({ targets, flows: established });
    this.syns = new TrafficGenerator({ targets, flows: 0x7fffffff, seed: 2, tcpFlags: SYN });
  }

  write(frames: Parameters<TrafficGenerator['write']>[0], at: number): number {
    this.random = (Math.imul(this.random, 1664525) + 1013904223) | 0;
    if (this.random >>> 16 >= this.share) return this.established.write(frames, at);
    this.flooded++;
    // An odd factor: all numbers, each once, in no order that a table would notice.
    return this.syns.writeFlow(frames, at, Math.imul(this.flooded, 0x9e3779b1) & 0x7fffffff);
  }
}

/** A flow table half full of established connections, and the same table when a flood has filled the rest. */
export class FloodRun {
  private readonly capacity: number;
  private readonly mixture: Mixture;
  private readonly memory = new BenchMemory();
  private readonly queue: MemoryQueue;
  private readonly engine: Engine;
  private readonly tables: Readonly<Record<TableStateName, Int32Array>>;

  /** @param lines of the flow table, a power of two */
  constructor(
    stages: EngineCase['stages'],
    private readonly lines = LINES,
  ) {
    this.capacity = lines * 4;
    this.mixture = new Mixture(this.capacity / 2);
    const vip = benchVip('ip4-gre4', 0);
    const image = new ImageCompiler().compile(benchSpec(vip), { nextHop: () => NEXT_HOP });
    this.queue = new MemoryQueue({ generator: this.mixture, clock: () => 0 });
    this.engine = new Engine({
      image,
      source: this.queue,
      flowTableLines: lines,
      flowMemory: this.memory.flows(lines),
      ...(stages === 'native' && { fastStages: nativeStages(nativeLibrary()) }),
    });
    this.pass(0, this.capacity / BURST_PACKETS);
    const half = this.engine.flows.words.slice();
    // The compiler does its work on both kinds of packets.
    this.pass(0.5, (4 * this.capacity) / BURST_PACKETS);
    this.engine.flows.words.set(half);
    while (this.live() < NEARLY * this.capacity) this.pass(1, 16);
    const nearly = this.engine.flows.words.slice();
    // As many new flows as the table has entries, four times.
    this.pass(1, (4 * this.capacity) / BURST_PACKETS);
    this.tables = { half, 'nearly full': nearly, full: this.engine.flows.words.slice() };
  }

  /** How full the table is in each state, 0 to 1, when the flood has been measured for a while. */
  get occupancy(): Record<TableStateName, number> {
    const of = (state: TableStateName) => {
      this.measure({ state, flood: 1 }, 0);
      return this.live() / this.capacity;
    };
    return { half: of('half'), 'nearly full': of('nearly full'), full: of('full') };
  }

  private live(): number {
    return this.engine.flows.sweep(0, this.lines, 0);
  }

  /** Nanoseconds of the engine a packet, measured for about `ms` milliseconds. */
  measure({ state, flood }: FloodWindow, ms: number): number {
    let [packets, ns] = [0, 0];
    // New flows until the table is put back as it was: 1.6 % of its entries.
    const bursts = this.capacity / 64 / BURST_PACKETS;
    do {
      this.engine.flows.words.set(this.tables[state]);
      for (let k = 0; k < bursts; k++) {
        ns += this.burst(flood);
        packets += BURST_PACKETS;
      }
    } while (ns < ms * 1e6);
    return ns / packets;
  }

  private pass(flood: number, bursts: number): void {
    for (let k = 0; k < bursts; k++) this.burst(flood);
  }

  /** Processes one burst; returns how long the engine took. */
  private burst(flood: number): number {
    const { engine, mixture, queue, memory } = this;
    mixture.share = flood * 0x10000;
    queue.rx(engine.burst);
    const from = memory.clock();
    engine.process();
    return memory.clock() - from - memory.clockNs;
  }
}
