import { FlowTable } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { TICKS_PER_SECOND } from '../src/clock.js';
import { ImageCompiler } from '../src/image/compiler.js';
import type { ImageSpec } from '../src/image/spec.js';
import { Engine } from '../src/pipeline/engine.js';
import { type PacketOptions, packet } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { spec, vip } from './specs.testkit.js';

const FLOWS = 50;
const LINES = 64;
const SECRET = [1, 2, 3, 4] as const;
const SYN = { protocol: 6, mss: 1460 } as const;
const owner = vip('90.0.0.0/8', 'gre4', ['10.0.0.1', '10.0.0.2']);

/** Two workers, each with a queue of its own, that see each other's flow tables. */
class Workers {
  private readonly compiler = new ImageCompiler();
  private readonly engines: readonly Engine[];
  private readonly queues = [new HandQueue(), new HandQueue()] as const;
  private revision = 1;

  constructor() {
    const image = this.compiler.compile(spec([owner]), { revision: 1 });
    const tables = [0, 1].map(() => new FlowTable({ lines: LINES, secret: [...SECRET] }));
    this.engines = this.queues.map((source, index) => {
      const peers = [tables[1 - index]!];
      const shared = { image, flowTableLines: LINES, secret: SECRET, flowMemory: tables[index]!.words };
      return new Engine({ ...shared, source, peers });
    });
  }

  change(next: ImageSpec): void {
    const image = this.compiler.compile(next, { revision: ++this.revision });
    for (const engine of this.engines) engine.setImage(image);
  }

  settleUntil(tick: number): void {
    for (const engine of this.engines) engine.peers.settlingUntil = tick;
  }

  /** Lets time pass, for all workers. */
  passTo(tick: number): void {
    for (const queue of this.queues) queue.tick = tick;
  }

  /** AS slots of a packet of each flow, at one of the workers. */
  send(worker: 0 | 1, options: PacketOptions): number[] {
    const queue = this.queues[worker];
    queue.waiting = Array.from({ length: FLOWS }, (_, k) =>
      packet('198.51.100.1', '90.0.0.1', { sport: 5000 + k, ...options }),
    );
    this.engines[worker]!.poll(queue);
    return Array.from(this.engines[worker]!.burst.as.subarray(0, FLOWS));
  }

  counted(worker: 0 | 1) {
    const { first, existing } = this.engines[worker]!.counters.vip(0);
    return { first, existing };
  }
}

/** The same with the weights the other way round: what is balanced now goes where nothing went before. */
const one = spec([{ ...owner, ass: [owner.ass[0]!, { ...owner.ass[1]!, weight: 0 }] }]);
const other = spec([{ ...owner, ass: [{ ...owner.ass[0]!, weight: 0 }, owner.ass[1]!] }]);

describe('packets that come to another worker than those before', () => {
  it('go on to the AS of their connection, and the worker knows it from then on', () => {
    const workers = new Workers();
    workers.change(one);
    const before = workers.send(0, SYN);
    workers.change(other);
    expect(workers.send(1, { protocol: 6 })).toEqual(before);
    expect(workers.send(1, { protocol: 6 })).toEqual(before);
    expect(workers.counted(1)).toEqual({ first: 0, existing: 2 * FLOWS });
  });

  it('open a connection where the table says, if they open one', () => {
    const workers = new Workers();
    workers.change(one);
    const before = workers.send(0, SYN);
    workers.change(other);
    expect(new Set([...before, ...workers.send(1, SYN)]).size).toBe(2);
    expect(workers.counted(1).first).toBe(FLOWS);
  });

  it('go on when they come back after the entry there has ended, and their AS has left the configuration', () => {
    const workers = new Workers();
    workers.change(one);
    const before = workers.send(0, SYN);
    workers.change(spec([{ ...owner, ass: [owner.ass[1]!] }]));
    // For longer than an entry lives, but never so long without a packet, they come to the other worker.
    const half = (spec([owner]).timeoutSec / 2) * TICKS_PER_SECOND;
    for (let halves = 1; halves <= 4; halves++) {
      workers.passTo(halves * half);
      expect(workers.send(1, { protocol: 6 })).toEqual(before);
    }
    expect(workers.send(0, { protocol: 6 })).toEqual(before);
    expect(workers.counted(0)).toEqual({ first: FLOWS, existing: FLOWS });
  });

  it('stay with a connection whose port another one has used at that worker before', () => {
    const workers = new Workers();
    workers.change(one);
    const old = workers.send(0, SYN);
    workers.change(other);
    const now = workers.send(1, SYN);
    expect(new Set([...old, ...now]).size).toBe(2);
    expect(workers.send(0, { protocol: 6 })).toEqual(now);
    expect(workers.send(1, { protocol: 6 })).toEqual(now);
  });

  it('of a client that is to have one AS go there, whichever worker gets its connections', () => {
    const workers = new Workers();
    const sticky = ({ vips, ...rest }: ImageSpec): ImageSpec => ({
      ...rest,
      vips: vips.map((each) => ({ ...each, srcIpSticky: true })),
    });
    workers.change(sticky(one));
    const before = workers.send(0, SYN);
    workers.change(sticky(other));
    expect(workers.send(1, SYN)).toEqual(before);
    expect(workers.send(0, SYN)).toEqual(before);
  });

  it('of other protocols go on only while ways may be changing', () => {
    const workers = new Workers();
    workers.change(one);
    const before = workers.send(0, {});
    workers.change(other);
    workers.settleUntil(TICKS_PER_SECOND);
    expect(workers.send(1, {})).toEqual(before);

    const late = new Workers();
    late.change(one);
    late.send(0, {});
    late.change(other);
    late.send(1, {});
    expect(late.counted(1)).toEqual({ first: FLOWS, existing: 0 });
  });
});
