import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Burst } from '../src/burst.js';
import { OUTPUT_KERNEL } from '../src/image/layout.js';
import {
  FRAME_OFFSET,
  NativeFilter,
  NativePool,
  NativeQueue,
  NativeQueues,
  nativeLibrary,
  type QueueKind,
} from '../src/native/index.js';
import { Verdict } from '../src/verdicts.js';
import { packet } from './frames.testkit.js';
import { describeLive, enterNetworkNamespace, ip, veth } from './live-network.testkit.js';
import { spec, vip } from './specs.testkit.js';
import { Wire } from './wire.testkit.js';

/** As long as a test may take (see vitest.config.ts): a wait that nothing ends fails it. */
const MINUTE_US = 60_000_000;
/** Frames from one client to addresses of one VIP, each recognisable by its destination. */
const frames = (count: number, from = 0) =>
  Array.from({ length: count }, (_, k) => packet('198.51.100.1', `90.0.0.${from + k}`));

it('says what to do when the library is missing', () => {
  expect(() => nativeLibrary('/nowhere/liblbqueue.so')).toThrow(
    expect.objectContaining({
      code: 'LB_NATIVE_LIBRARY',
      message: expect.stringContaining('/nowhere/liblbqueue.so'),
      hint: expect.stringContaining('npm run setup'),
    }),
  );
});

describeLive('native queues', () => {
  beforeAll(() => {
    enterNetworkNamespace();
    veth('a0', 'a1');
    veth('b0', 'b1');
    ip('route add 90.0.0.0/8 dev b0');
    ip('neighbour add 90.0.0.1 lladdr 02:00:00:00:00:77 dev b0');
  });

  describe.each(['af_xdp', 'af_packet'] as const)('%s', (kind) => {
    let rig: Rig;
    beforeEach(() => {
      rig = new Rig(kind);
    });
    afterEach(() => rig.close());

    it('brings packets in with their queue, and sends each by the queue it names', () => {
      const { queues, burst, wires } = rig;
      wires[0].send(frames(10));
      wires[1].send(frames(10, 100));
      for (const input of rig.receiveFromBoth()) {
        const first = input === 0 ? 0 : 100;
        expect(burst.count).toBe(10);
        for (let i = 0; i < 10; i++) {
          expect(burst.offset[i] % 4).toBe(2);
          expect(rig.frame(i)).toEqual(frames(1, first + i)[0]);
          // Every third is dropped, and the others cross over and come back in turn.
          burst.verdict[i] = [Verdict.FORWARD, Verdict.REPLY, Verdict.DROP][i % 3];
          burst.output[i] = [1 - input, input][i % 3];
        }
        queues.tx(burst);
      }
      const sent = (first: number, rest: number) => frames(10, first).filter((_, i) => i % 3 === rest);
      expect(wires[0].receiveAll(7)).toEqual([...sent(0, 1), ...sent(100, 0)]);
      expect(wires[1].receiveAll(7)).toEqual([...sent(0, 0), ...sent(100, 1)]);
      expect(rig.framesHeld()).toBe(0);
    });

    it('keeps the order that the burst asks for, and takes frames made on the way', () => {
      const { queues, burst, wires } = rig;
      wires[0].send(frames(4));
      rig.receive();
      const at = queues.allocate(60);
      expect(at % 4).toBe(2);
      queues.frames.u8.set(frames(1, 50)[0], at);
      for (let i = 0; i < 4; i++) {
        burst.verdict[i] = Verdict.FORWARD;
        burst.output[i] = 0;
      }
      // It leaves right behind the second.
      const made = burst.append(1);
      burst.sequence[made] = 1;
      burst.offset[made] = at;
      queues.tx(burst);
      burst.reordered = false;
      const numbers = wires[0].receiveAll(5).map((frame) => frame[33]);
      expect(numbers).toEqual([0, 1, 50, 2, 3]);
      expect(rig.framesHeld()).toBe(0);
      expect(queues.allocate(2048 - FRAME_OFFSET + 1)).toBe(-1);
    });

    it('gives back what it cannot send, and counts it', () => {
      const { queues, burst, wires } = rig;
      wires[0].send(frames(4));
      rig.receive();
      burst.verdict.set([Verdict.FORWARD, Verdict.FORWARD, Verdict.PUNT, Verdict.HOLD]);
      burst.output.set([OUTPUT_KERNEL, 7]);
      queues.tx(burst);
      expect(queues.unsent).toBe(2);
      expect(rig.framesHeld()).toBe(0);
    });

    it('ends a wait by a packet, by another thread, or in time', () => {
      const { queues, wires, pool } = rig;
      wires[0].send(frames(1));
      // A wait that nothing ends is longer than this test may take.
      queues.wait(MINUTE_US);
      rig.receive();
      pool.wake();
      queues.wait(MINUTE_US);
      queues.wait(1000);
      expect(queues.rx(rig.burst)).toBe(0);
    });
  });

  it('hands punted packets of AF_XDP to the host, and those for its routes to the kernel', () => {
    const rig = new Rig('af_xdp', true);
    const { queues, burst, wires } = rig;
    wires[0].send(frames(2));
    rig.receive();
    burst.verdict.set([Verdict.PUNT, Verdict.FORWARD]);
    burst.output[1] = OUTPUT_KERNEL;
    queues.tx(burst);
    expect(rig.extra.map((queue) => queue.stats().txPackets)).toEqual([1, 1]);
    expect(queues).toMatchObject({ unsent: 0, unpunted: 0 });
    expect(rig.framesHeld()).toBe(0);
    // The kernel has routed it.
    expect(wires[1].receiveAll(1)[0].slice(0, 6)).toEqual(Uint8Array.of(2, 0, 0, 0, 0, 0x77));
    rig.close();
  });

  it('takes back the frames of a worker that has died', () => {
    const rig = new Rig('af_xdp');
    rig.wires[0].send(frames(4));
    rig.receive();
    expect(rig.framesHeld()).toBe(4);
    expect(rig.pool.reclaim()).toBe(4);
    expect(rig.framesHeld()).toBe(0);
    rig.close();
  });

  it('names what it cannot open, and what is closed', () => {
    const pool = NativePool.open({ frames: 64 });
    const open = (name: string) => () => NativeQueue.open(pool, { kind: 'af_packet', interface: name });
    expect(open('nowhere')).toThrow(expect.objectContaining({ code: 'LB_NATIVE_INTERFACE' }));
    expect(open('a-name-that-is-too-long')).toThrow(expect.objectContaining({ code: 'LB_NATIVE_ARGUMENT' }));
    pool.close();
    expect(() => pool.stats()).toThrow(expect.objectContaining({ code: 'LB_NATIVE_HANDLE' }));
  });
});

/** Two interfaces with a queue each in one pool, and their far ends. */
class Rig {
  readonly wires = [new Wire('a1'), new Wire('b1')] as const;
  readonly pool = NativePool.open();
  readonly burst = new Burst();
  readonly queues: NativeQueues;
  readonly extra: NativeQueue[] = [];
  private readonly opened: NativeQueue[];
  private readonly filters: NativeFilter[] = [];

  constructor(kind: QueueKind, withKernel = false) {
    this.opened = ['a0', 'b0'].map((name) => {
      if (kind === 'af_packet') {
        return NativeQueue.open(this.pool, { kind, interface: name, flags: ['lowLatency'] });
      }
      const filter = NativeFilter.open(name);
      this.filters.push(filter);
      filter.apply(spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1'])]), []);
      return NativeQueue.open(this.pool, { kind, interface: name, filter: filter.handle });
    });
    if (withKernel) {
      const punt = { kind: 'punt', interface: 'a0', filter: this.filters[0].handle } as const;
      this.extra = [NativeQueue.open(this.pool, punt), NativeQueue.open(this.pool, { kind: 'raw', interface: '' })];
    }
    const [punt, kernel] = this.extra;
    this.queues = new NativeQueues({
      pool: this.pool,
      queues: this.opened,
      ...(punt && kernel && { punts: [punt], kernel }),
    });
  }

  /** One burst, from whichever queue. */
  receive(): number {
    this.queues.wait(1_000_000);
    return this.queues.rx(this.burst);
  }

  /** A burst from each queue; yields its number. */
  *receiveFromBoth(): Iterable<number> {
    const seen: number[] = [];
    for (let burst = 0; burst < 2; burst++) {
      this.receive();
      seen.push(this.burst.input);
      yield this.burst.input;
    }
    expect(seen.sort()).toEqual([0, 1]);
  }

  frame(i: number): Uint8Array {
    return this.queues.frames.u8.slice(this.burst.offset[i], this.burst.offset[i] + this.burst.length[i]);
  }

  /** Frames that the worker has not given back. */
  framesHeld(): number {
    return this.pool.stats().worker;
  }

  close(): void {
    for (const queue of [...this.extra, ...this.opened]) queue.close();
    for (const filter of this.filters) filter.close();
    for (const wire of this.wires) wire.close();
    this.pool.close();
  }
}
