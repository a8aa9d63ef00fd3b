import { expect, it } from 'vitest';
import { TICKS_PER_SECOND } from '../src/clock.js';
import { ImageCompiler } from '../src/image/compiler.js';
import { Engine } from '../src/pipeline/engine.js';
import { Verdict } from '../src/verdicts.js';
import { packet } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { spec, vip } from './specs.testkit.js';

const LINES = 256;
const CAPACITY = LINES * 4;
const BURST = 256;
const TIMEOUT_SEC = 40;
const VIP = '90.0.0.1';

class World {
  readonly compiler = new ImageCompiler();
  readonly queue = new HandQueue();
  readonly engine = new Engine({
    image: this.image(100, 100),
    source: this.queue,
    flowTableLines: LINES,
    secret: [0x2f6e2b1a, 0x5d1c9e37, 0x71b4a0d3, 0x1f83d9ab],
  });
  private state = 1;

  /** An image in which new flows go to these two servers by weight. */
  image(one: number, other: number) {
    const both = vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2']);
    const ass = both.ass.map((as, i) => ({ ...as, weight: i === 0 ? one : other }));
    return this.compiler.compile(spec([{ ...both, ass }], { timeoutSec: TIMEOUT_SEC }));
  }

  /** The AS of each packet, in bursts. */
  send(packets: readonly Uint8Array[], most = BURST): number[] {
    const ass: number[] = [];
    for (let from = 0; from < packets.length; from += most) {
      this.queue.waiting = packets.slice(from, from + most);
      const count = this.queue.waiting.length;
      this.engine.poll(this.queue);
      const { burst } = this.engine;
      expect(new Set(burst.verdict.subarray(0, count))).toEqual(new Set([Verdict.FORWARD]));
      ass.push(...burst.as.subarray(0, count));
    }
    return ass;
  }

  /** SYNs of sources and ports by chance. */
  flood(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => {
      const [a, b] = [this.random(), this.random()];
      const source = `${1 + (a % 200)}.${(a >>> 8) & 255}.${(a >>> 16) & 255}.${a >>> 24}`;
      return packet(source, VIP, { protocol: 6, sport: 1024 + (b % 60_000), mss: 1460, payload: 0 });
    });
  }

  live(): number {
    return this.engine.flows.sweep(0, LINES, this.queue.tick);
  }

  private random(): number {
    this.state = (Math.imul(this.state, 0x2c9277b5) + 0xac564b05) | 0;
    let h = this.state;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    return (h ^ (h >>> 13)) >>> 0;
  }
}

const connections = Array.from({ length: Math.floor(CAPACITY * 0.85) }, (_, k) =>
  packet(`198.51.${k >>> 8}.${k & 255}`, VIP, { protocol: 6, sport: 5000 }),
);

it('a flood of SYNs on a nearly full table takes no established connection away from its AS, and no more memory', () => {
  const world = new World();
  const { engine, queue } = world;
  // Few at a time, as they come: where hundreds open at once in so small a table, some find no room.
  const before = world.send(connections, 8);
  expect(new Set(before).size).toBe(2);
  expect(engine.counters.vip(0).untracked).toBe(0);
  expect(world.live()).toBe(connections.length);
  // From here on only the table knows of the connections of the first server.
  engine.setImage(world.image(0, 100));
  const memory = [engine.flows.words.buffer.byteLength, engine.flows.side.byteLength];

  // For twice their timeout; each connection sends once in a while, between bursts of the flood.
  const steps = 16;
  for (let step = 0; step < steps; step++) {
    queue.tick += (2 * TIMEOUT_SEC * TICKS_PER_SECOND) / steps;
    const mixed = world.flood(8 * connections.length);
    for (let k = 0; k < connections.length; k++) mixed[8 * k] = connections[k]!;
    const ass = world.send(mixed);
    const kept = before.map((_, k) => ass[8 * k]);
    expect(kept).toEqual(before);
    expect(world.live()).toBeLessThanOrEqual(CAPACITY);
  }
  expect(world.live()).toBeGreaterThan(CAPACITY * 0.98);
  expect(engine.counters.vip(0).untracked).toBeGreaterThan(50_000);
  expect([engine.flows.words.buffer.byteLength, engine.flows.side.byteLength]).toEqual(memory);

  // Afterwards the flood's entries go, and the connections stay.
  for (let step = 0; step < steps; step++) {
    queue.tick += (2 * TIMEOUT_SEC * TICKS_PER_SECOND) / steps;
    expect(world.send(connections)).toEqual(before);
  }
  expect(world.live()).toBe(connections.length);
});
