import { parseAddress } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { asKey, ImageCompiler } from '../src/image/compiler.js';
import type { ImageSpec, VipSpec } from '../src/image/spec.js';
import { Engine } from '../src/pipeline/engine.js';
import { packet, unreachable } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { spec, vip } from './specs.testkit.js';

const FLOWS = 200;
const ASS = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];

class World {
  readonly compiler = new ImageCompiler();
  readonly queue = new HandQueue();
  readonly engine: Engine;
  private revision = 0;

  constructor(initial: ImageSpec) {
    const image = this.compiler.compile(initial, { revision: ++this.revision });
    this.engine = new Engine({ image, source: this.queue, flowTableLines: 256, secret: [1, 2, 3, 4] });
  }

  change(next: ImageSpec, flush: readonly string[] = []): void {
    this.engine.setImage(this.compiler.compile(next, { revision: ++this.revision, flush: new Set(flush) }));
  }

  /** AS slot of each flow's next packet. */
  send(prefix = '90.0.0'): number[] {
    this.queue.waiting = Array.from({ length: FLOWS }, (_, k) =>
      packet('198.51.100.1', `${prefix}.${k}`, { sport: 5000 + k }),
    );
    this.engine.poll(this.queue);
    return Array.from(this.engine.burst.as.subarray(0, FLOWS));
  }

  slot(owner: VipSpec, address: string): number {
    return this.compiler.asSlots.get(asKey(owner, parseAddress(address)))!;
  }

  flowsOf(slot: number): number {
    const counts = new Uint32Array(1000);
    this.engine.flows.sweep(0, this.engine.flows.lines, this.queue.tick, counts);
    return counts[slot + 1];
  }
}

const four = vip('90.0.0.0/8', 'gre4', ASS);
const three = vip('90.0.0.0/8', 'gre4', ASS.slice(0, 3));

describe('established flows', () => {
  it('keep their AS when ASs come, change weight and go', () => {
    const world = new World(spec([four]));
    const before = world.send();
    expect(new Set(before).size).toBe(4);
    world.change(spec([vip('90.0.0.0/8', 'gre4', [...ASS, '10.0.0.5', '10.0.0.6'])]));
    expect(world.send()).toEqual(before);
    const zero = { ...four, ass: four.ass.map((as, i) => ({ ...as, weight: i === 0 ? 0 : 1 })) };
    world.change(spec([zero]));
    expect(world.send()).toEqual(before);
    world.change(spec([three]));
    expect(world.send()).toEqual(before);
    // New flows do not reach the AS that is gone.
    const gone = world.slot(four, '10.0.0.4');
    expect(before).toContain(gone);
    expect(world.send('90.1.0')).not.toContain(gone);
  });

  it('are balanced anew when their AS is flushed, and only those', () => {
    const world = new World(spec([four]));
    const before = world.send();
    const slot = world.slot(four, '10.0.0.4');
    world.change(spec([three]), [asKey(four, parseAddress('10.0.0.4'))]);
    const after = world.send();
    expect(after).not.toContain(slot);
    before.forEach((as, flow) => {
      if (as !== slot) expect(after[flow]).toBe(as);
    });
    expect(world.engine.counters.vip(0).first).toBe(FLOWS + before.filter((as) => as === slot).length);
    // The flushed AS comes back under another slot: its old flows must not find it.
    world.change(spec([four]));
    expect(world.slot(four, '10.0.0.4')).not.toBe(slot);
    expect(world.send()).toEqual(after);
  });

  it('are flushed although their AS stays', () => {
    const world = new World(spec([three]));
    const before = world.send();
    const slot = world.slot(three, '10.0.0.1');
    world.change(spec([three]), [asKey(three, parseAddress('10.0.0.1'))]);
    const renewed = world.slot(three, '10.0.0.1');
    expect(renewed).not.toBe(slot);
    // The table has not changed, so they end up on the same server again: as new flows.
    expect(world.send()).toEqual(before.map((as) => (as === slot ? renewed : as)));
  });

  it('hold the slot of their AS until they have ended', () => {
    const world = new World(spec([four]));
    world.send();
    const slot = world.slot(four, '10.0.0.4');
    world.change(spec([three]));
    world.send();
    expect(world.compiler.lingeringSlots()).toEqual([slot]);
    expect(world.compiler.reclaim((as) => world.flowsOf(as))).toBe(0);
    world.queue.tick += 41 * 16;
    const with9 = vip('90.0.0.0/8', 'gre4', [...ASS.slice(0, 3), '10.0.0.9']);
    const both = vip('90.0.0.0/8', 'gre4', [...ASS.slice(0, 3), '10.0.0.9', '10.0.0.8']);
    expect(world.compiler.reclaim((as) => world.flowsOf(as))).toBe(1);
    // Nor is it another's before every worker follows an image without it.
    world.change(spec([with9]));
    expect(world.slot(four, '10.0.0.9')).not.toBe(slot);
    expect(world.compiler.reclaim(() => 0, world.engine.image.revision - 1)).toBe(0);
    world.change(spec([both]));
    expect(world.slot(four, '10.0.0.8')).not.toBe(slot);
    expect(world.compiler.reclaim(() => 0, world.engine.image.revision)).toBe(0);
    world.change(spec([{ ...both, ass: [...both.ass, ...vip('90.0.0.0/8', 'gre4', ['10.0.0.7']).ass] }]));
    expect(world.slot(four, '10.0.0.7')).toBe(slot);
  });

  it('end with their VIP', () => {
    const world = new World(spec([four]));
    world.send();
    world.change(spec([]));
    world.send();
    expect(world.engine.counters.reasons()['no-vip']).toBe(FLOWS);
  });

  it('are found for ICMP errors that reach another worker', () => {
    const world = new World(spec([four]));
    const owner = world.send();
    // The table has changed since: only the flow's entry knows its AS.
    const other = new ImageCompiler();
    other.compile(spec([four]));
    const image = other.compile(spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.9', ...ASS], { newLen: 8 })]));
    const queue = new HandQueue();
    const engine = new Engine({
      image,
      source: queue,
      flowTableLines: 256,
      secret: [1, 2, 3, 4],
      peers: [world.engine.flows],
    });
    queue.waiting = Array.from({ length: FLOWS }, (_, k) =>
      unreachable('203.0.113.1', packet(`90.0.0.${k}`, '198.51.100.1', { sport: 80, dport: 5000 + k })),
    );
    engine.poll(queue);
    expect(Array.from(engine.burst.as.subarray(0, FLOWS))).toEqual(owner);
    expect(engine.counters.vip(0)).toMatchObject({ existing: FLOWS, untracked: 0 });
  });

  it('do not mix when one VIP takes part of another’s addresses', () => {
    const world = new World(spec([four]));
    world.send();
    const inner = vip('90.0.0.0/24', 'gre4', ['10.9.0.1']);
    world.change(spec([four, inner]));
    const slot = world.slot(inner, '10.9.0.1');
    expect(world.send()).toEqual(Array(FLOWS).fill(slot));
  });
});
