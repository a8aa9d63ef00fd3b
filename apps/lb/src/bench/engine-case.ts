import { parseAddress } from '@lb/core';
import {
  BURST_PACKETS,
  Engine,
  ImageCompiler,
  type ImageSpec,
  MemoryQueue,
  type NextHop,
  TrafficGenerator,
} from '@lb/dataplane';
import { benchVip, type VipType } from './vip-types.js';

export interface EngineCase {
  readonly type: VipType;
  readonly flows: number;
  /** Bytes on the wire with frame check sequence. */
  readonly packetSize: number;
  /** 0 for all ports. */
  readonly port: number;
}

/** What one stretch of packets took. */
export interface Window {
  readonly packets: number;
  /** In the engine alone. */
  readonly engineMs: number;
  /** With the generator writing the packets. */
  readonly totalMs: number;
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

/**
 * An engine with one VIP on the memory queue, whose 4096 frames are used again and again as those of a network card
 * are. The generator writes a burst's packets before the clock of the engine starts.
 */
export class EngineRun {
  private readonly engine: Engine;
  private readonly queue: MemoryQueue;

  constructor(readonly about: EngineCase) {
    const vip = benchVip(about.type, about.port);
    const spec: ImageSpec = {
      ip4Src: parseAddress('192.0.2.1'),
      ip6Src: parseAddress('2001:db8::1'),
      nat4In: false,
      nat6In: false,
      timeoutSec: 3600,
      flowHash: 'fast',
      table: 'maglev',
      vips: [vip],
    };
    // Forwarded packets get their MAC addresses, as on a real network.
    const image = new ImageCompiler().compile(spec, { nextHop: () => NEXT_HOP });
    const target = { prefix: vip.prefix, protocol: 17, port: vip.port } as const;
    const generator = new TrafficGenerator({ targets: [target], flows: about.flows, packetSize: about.packetSize });
    this.queue = new MemoryQueue({ generator });
    const flowTableLines = linesFor(about.flows);
    this.engine = new Engine({ image, source: this.queue, flowTableLines, secret: [1, 2, 3, 4] });
  }

  /** Lets every flow pass twice, and the compiler do its work. */
  warmUp(): void {
    const bursts = WARM_UP_BURSTS + Math.ceil((2 * this.about.flows) / BURST_PACKETS);
    for (let i = 0; i < bursts; i++) this.engine.poll(this.queue);
  }

  /** Measures for about `ms` milliseconds. */
  measure(ms: number): Window {
    const { engine, queue } = this;
    const { burst } = engine;
    const start = performance.now();
    let packets = 0;
    let engineMs = 0;
    let now = start;
    while (now - start < ms) {
      packets += queue.rx(burst);
      const from = performance.now();
      engine.process();
      now = performance.now();
      engineMs += now - from;
      queue.tx(burst);
    }
    return { packets, engineMs, totalMs: now - start };
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
