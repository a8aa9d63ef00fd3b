import { parseAddress } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { asKey, ImageCompiler } from '../src/image/compiler.js';
import type { AsSpec, VipSpec } from '../src/image/spec.js';
import { Engine } from '../src/pipeline/engine.js';
import { Verdict } from '../src/verdicts.js';
import { fragments, type PacketOptions, packet, unreachable } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { spec, vip } from './specs.testkit.js';

const FLOWS = 100;
const TCP = 6;
const SYN = { protocol: TCP, mss: 1460 } as const;

/** An engine with a hundred TCP flows and a hundred UDP flows to two ASs. */
class World {
  readonly compiler = new ImageCompiler();
  readonly queue = new HandQueue();
  readonly engine: Engine;
  readonly owner: VipSpec;
  private revision = 1;

  constructor(encap: 'gre4' | 'nat4' = 'gre4') {
    const nat = encap === 'nat4' ? { port: 80, targetPort: 8080 } : {};
    this.owner = vip('90.0.0.1/32', encap, ['10.0.0.1', '10.0.0.2'], nat);
    const image = this.compiler.compile(this.specOf(this.owner), { revision: 1 });
    this.engine = new Engine({ image, source: this.queue, flowTableLines: 256, secret: [1, 2, 3, 4] });
  }

  /** Goes over to an image in which the second AS is like this. */
  second(more: Partial<AsSpec>): void {
    const [one, two] = this.owner.ass;
    this.serve({ ...this.owner, ass: [one!, { ...two!, weight: 0, ...more }] });
  }

  serve(next: VipSpec): void {
    this.engine.setImage(this.compiler.compile(this.specOf(next), { revision: ++this.revision }));
  }

  /** AS slots of a packet of each flow. */
  send(options: PacketOptions): number[] {
    return this.sendFrames(
      Array.from({ length: FLOWS }, (_, k) => packet('198.51.100.1', '90.0.0.1', { sport: 5000 + k, ...options })),
    );
  }

  sendFrames(frames: Uint8Array[]): number[] {
    this.queue.waiting = frames;
    this.engine.poll(this.queue);
    return Array.from(this.engine.burst.as.subarray(0, frames.length));
  }

  get slots(): { first: number; second: number } {
    const [first, second] = ['10.0.0.1', '10.0.0.2'].map((as) =>
      this.compiler.asSlots.get(asKey(this.owner, parseAddress(as))),
    );
    return { first: first!, second: second! };
  }

  private specOf(owner: VipSpec) {
    return spec([owner], { nat4In: true });
  }
}

describe.each(['gre4', 'nat4'] as const)('a draining AS (%s)', (encap) => {
  it('keeps established connections, and a SYN opens the next one elsewhere', () => {
    const world = new World(encap);
    const before = world.send(SYN);
    const { first, second } = world.slots;
    expect(before).toContain(second);
    world.second({ draining: true });
    expect(world.send({ protocol: TCP })).toEqual(before);
    expect(world.send(SYN)).toEqual(before.map(() => first));
    // The new connections stay where they were opened.
    expect(world.send({ protocol: TCP })).toEqual(before.map(() => first));
    world.second({ weight: 100 });
    expect(world.send({ protocol: TCP })).toEqual(before.map(() => first));
  });

  it('keeps flows of UDP, until they are to end', () => {
    const world = new World(encap);
    const before = world.send({});
    const { first } = world.slots;
    world.second({ draining: true });
    expect(world.send({})).toEqual(before);
    world.second({ draining: true, udpEnds: true });
    expect(world.send({})).toEqual(before.map(() => first));
  });

  it('counts flows that move as first packets, and the others as existing', () => {
    const world = new World(encap);
    const moving = world.send(SYN).filter((as) => as === world.slots.second).length;
    world.second({ draining: true });
    world.send({ protocol: TCP });
    world.send(SYN);
    const { first, existing } = world.engine.counters.vip(0);
    expect({ first, existing }).toEqual({ first: FLOWS + moving, existing: 2 * FLOWS - moving });
    const { slots, engine } = world;
    expect(engine.counters.as(slots.first)).toMatchObject({ first: FLOWS, untracked: 0 });
    expect(engine.counters.as(slots.second)).toMatchObject({ first: moving, untracked: 0 });
  });

  it('does without new connections when no other AS takes them', () => {
    const world = new World(encap);
    world.serve({ ...world.owner, ass: [world.owner.ass[1]!] });
    world.send(SYN);
    world.serve({ ...world.owner, ass: [{ ...world.owner.ass[1]!, weight: 0, draining: true }] });
    world.send(SYN);
    expect(Array.from(world.engine.burst.verdict.subarray(0, FLOWS))).toEqual(Array(FLOWS).fill(Verdict.DROP));
    expect(world.engine.counters.vip(0).noServer).toBe(FLOWS);
  });
});

describe('an AS that has left the configuration', () => {
  it('drains: a SYN is balanced anew', () => {
    const world = new World();
    const before = world.send(SYN);
    const { first } = world.slots;
    world.serve({ ...world.owner, ass: [world.owner.ass[0]!] });
    expect(world.send({ protocol: TCP })).toEqual(before);
    expect(world.send(SYN)).toEqual(before.map(() => first));
  });
});

describe('what is not the beginning of a connection', () => {
  it('goes to the draining AS: later fragments, and ICMP errors about its flows', () => {
    const world = new World();
    const before = world.send({});
    const { second } = world.slots;
    const flow = before.indexOf(second);
    world.second({ draining: true, udpEnds: true });
    const about = packet('90.0.0.1', '198.51.100.1', { sport: 80, dport: 5000 + flow });
    expect(world.sendFrames([unreachable('192.0.2.7', about)])).toEqual([second]);
    world.second({ draining: true });
    const whole = packet('198.51.100.1', '90.0.0.1', { sport: 5000 + flow, payload: 64 });
    expect(world.sendFrames(fragments(whole, 7, 32))).toEqual([second, second, second]);
  });

  it('is a first fragment too short for the flags of TCP', () => {
    const world = new World();
    const before = world.send(SYN);
    const { second } = world.slots;
    const flow = before.indexOf(second);
    world.second({ draining: true });
    const whole = packet('198.51.100.1', '90.0.0.1', { sport: 5000 + flow, ...SYN });
    const [first] = fragments(whole, 9, 8);
    expect(world.sendFrames([first!])).toEqual([second]);
  });
});
