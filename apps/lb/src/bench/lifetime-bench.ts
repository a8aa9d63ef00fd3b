import { parseAddress } from '@lb/core';
import {
  Engine,
  ImageCompiler,
  type ImageSpec,
  MemoryQueue,
  nativeLibrary,
  nativeStages,
  type TimeoutsSpec,
  TrafficGenerator,
} from '@lb/dataplane';
import type { EngineCase } from './engine-case.js';
import { type Figure, figure, rounded } from './statistics.js';
import { benchVip } from './vip-types.js';

/** Live entries of a flow table under short connections or a flood. */
export interface LifetimeFigure extends Figure {
  readonly load: LoadName;
  readonly timeouts: TimeoutsName;
  /** Live entries by the table's capacity, 0 to 1. */
  readonly occupancy: number;
  /** Packets that went without an entry, by all packets. */
  readonly untracked: number;
  readonly capacity: number;
}

/** Connections, and SYNs of random sources, that begin in a second: as many for each entry as 50,000 for 1,048,576. */
const LOADS = {
  'short connections': { connections: 1, syns: 0 },
  'flood of SYNs': { connections: 0, syns: 1 },
  both: { connections: 1, syns: 1 },
} as const;
type LoadName = keyof typeof LOADS;

const TIMEOUTS = {
  'one of 40 s': undefined,
  'TCP-aware': { tcpOpeningSec: 10, tcpClosingSec: 10 },
} as const satisfies Record<string, TimeoutsSpec | undefined>;
type TimeoutsName = keyof typeof TIMEOUTS;

const PER_ENTRY = 50_000 / (1 << 20);
const TICKS_PER_SECOND = 16;
/** SYN, acknowledgements, FIN: one every second tick, so a connection lasts 1.1 s. */
const PACKETS = 10;
const STRIDE = 2;
const [SYN, ACK, FIN] = [0x02, 0x10, 0x11];
/** A table that fills up does so in waves of the timeout's length: what finds room at first ends at once later. Two of them. */
const SETTLED_SEC = 40;
const MEASURED_SEC = 80;

/** Writes the packets of connections in the order in which they would come; time goes on with them. */
class ShortConnections {
  tick = 0;
  packets = 0;
  private readonly generators;
  private begun = 0;
  private pending: (readonly [kind: number, flow: number])[] = [];
  private readonly firstOfTick: number[] = [0];

  constructor(
    private readonly connectionsPerTick: number,
    private readonly synsPerTick: number,
  ) {
    const targets = [{ prefix: benchVip('ip4-gre4', 0).prefix, protocol: 6, port: 443 }] as const;
    const of = (tcpFlags: number, seed: number) => new TrafficGenerator({ targets, flows: 0x7fffffff, seed, tcpFlags });
    this.generators = [of(SYN, 1), of(ACK, 1), of(FIN, 1), of(SYN, 2)];
  }

  write(frames: Parameters<TrafficGenerator['write']>[0], at: number): number {
    while (this.pending.length === 0) this.next();
    this.packets++;
    const [kind, flow] = this.pending.pop()!;
    return this.generators[kind]!.writeFlow(frames, at, flow);
  }

  /** The packets of another tick. */
  private next(): void {
    const { firstOfTick } = this;
    const tick = ++this.tick;
    firstOfTick[tick] = Math.round(tick * this.connectionsPerTick);
    for (let k = 0; k < PACKETS; k++) {
      const from = tick - k * STRIDE;
      const kind = k === 0 ? 0 : k === PACKETS - 1 ? 2 : 1;
      if (from > 0) for (let f = firstOfTick[from - 1]!; f < firstOfTick[from]!; f++) this.pending.push([kind, f]);
    }
    const syns = Math.round(tick * this.synsPerTick);
    // An odd factor: all numbers, each once, in no order that a table would notice.
    for (; this.begun < syns; this.begun++) this.pending.push([3, Math.imul(this.begun, 0x9e3779b1) & 0x7fffffff]);
  }
}

/**
 * What short connections and floods leave in a flow table, with one timeout and with TCP-aware ones. Time is simulated, so
 * all but the places of flows is the same each time.
 * @param entries capacity of the table, a power of two from 4 on
 */
export function benchLifetimes(
  stages: EngineCase['stages'],
  entries: number,
  onStep: (text: string) => void = () => {},
): LifetimeFigure[] {
  return (Object.keys(LOADS) as LoadName[]).flatMap((load) =>
    (Object.keys(TIMEOUTS) as TimeoutsName[]).map((timeouts) => {
      onStep(`${load}, ${timeouts}`);
      return measure(stages, entries, load, timeouts);
    }),
  );
}

function measure(
  stages: EngineCase['stages'],
  entries: number,
  load: LoadName,
  timeouts: TimeoutsName,
): LifetimeFigure {
  const perTick = (entries * PER_ENTRY) / TICKS_PER_SECOND;
  const traffic = new ShortConnections(perTick * LOADS[load].connections, perTick * LOADS[load].syns);
  const queue = new MemoryQueue({ generator: traffic, clock: () => traffic.tick });
  const own = TIMEOUTS[timeouts];
  const spec: ImageSpec = {
    ip4Src: parseAddress('192.0.2.1'),
    nat4In: false,
    nat6In: false,
    timeoutSec: 40,
    ...(own && { timeouts: own }),
    flowHash: 'fast',
    table: 'maglev',
    vips: [benchVip('ip4-gre4', 0)],
  };
  const engine = new Engine({
    image: new ImageCompiler().compile(spec),
    source: queue,
    flowTableLines: entries / 4,
    ...(stages === 'native' && { fastStages: nativeStages(nativeLibrary()) }),
  });
  const runUntil = (second: number): void => {
    while (traffic.tick < second * TICKS_PER_SECOND) engine.poll(queue);
  };
  runUntil(SETTLED_SEC);
  const [packets, untracked] = [traffic.packets, engine.counters.vip(0).untracked];
  const live: number[] = [];
  for (let second = 1; second <= MEASURED_SEC; second++) {
    runUntil(SETTLED_SEC + second);
    live.push(engine.flows.sweep(0, engine.flows.lines, traffic.tick));
  }
  const measured = figure(`${load}, timeouts ${timeouts}`, 'entries', live);
  return {
    ...measured,
    load,
    timeouts,
    occupancy: rounded(measured.value / entries),
    untracked: rounded((engine.counters.vip(0).untracked - untracked) / (traffic.packets - packets)),
    capacity: entries,
  };
}
