import { parseAddress, parsePrefix } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import { Engine } from '../src/pipeline/engine.js';
import { TapSource } from '../src/tap/tap.js';
import type { TapFilter } from '../src/tap/tap-filter.js';
import { TAP_RING_WORDS, TAP_WORDS } from '../src/tap/tap-layout.js';
import type { TapRecord } from '../src/tap/tap-record.js';
import { fragments, packet, unreachable } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { everyType } from './specs.testkit.js';

/** Workers fed by hand, with their taps. */
class World {
  readonly image = new ImageCompiler().compile(everyType(), { revision: 7 });
  readonly taps: Int32Array[];
  readonly source: TapSource;
  readonly queues: HandQueue[];
  readonly engines: Engine[];
  /** Frames as they left, by the last burst. */
  sent: string[] = [];

  constructor(workers = 1) {
    this.taps = Array.from({ length: workers }, () => new Int32Array(new SharedArrayBuffer(TAP_WORDS * 4)));
    this.source = new TapSource(this.taps);
    this.queues = this.taps.map(() => new HandQueue());
    this.engines = this.queues.map((_, worker) => this.engine(worker));
  }

  /** Another thread's engine on the same tap. */
  engine(worker: number): Engine {
    const source = this.queues[worker];
    return new Engine({ image: this.image, source, flowTableLines: 64, secret: [1, 2, 3, 4], tap: this.taps[worker] });
  }

  send(frames: readonly Uint8Array[], worker = 0): void {
    const queue = this.queues[worker];
    const { burst } = this.engines[worker];
    queue.waiting = [...frames];
    this.engines[worker].poll(queue);
    this.sent = Array.from({ length: burst.count }, (_, i) =>
      hex(queue.frames.u8.subarray(burst.offset[i], burst.offset[i] + burst.length[i])),
    );
  }

  /** What a tap with this filter has of these frames. */
  tapped(filter: TapFilter, frames: readonly Uint8Array[]): TapRecord[] {
    const tap = this.source.open(filter);
    this.send(frames);
    const records = tap.read();
    tap.close();
    return records;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

const UDP = packet('198.51.100.1', '90.1.2.3', { sport: 1000, dport: 53 });
const TCP6 = packet('2001:db8:1::1', '2003::9', { protocol: 6, sport: 2000, dport: 443 });
const NAT = packet('198.51.100.2', '92.0.0.1', { protocol: 6, sport: 3000, dport: 80 });
const NAT6 = packet('2001:db8:1::2', '2004::1', { sport: 3001, dport: 80 });
const STRANGER = packet('198.51.100.3', '8.8.8.8');
const OTHER_PORT = packet('198.51.100.4', '92.0.0.1', { dport: 81 });
const BROKEN = Uint8Array.from(UDP, (byte, at) => (at === 24 ? byte ^ 1 : byte));
const MIXED = [UDP, TCP6, NAT, NAT6, STRANGER, OTHER_PORT, BROKEN];

describe('a record', () => {
  it('has the packet as it came and as it left, and what the stages found', () => {
    const world = new World();
    const records = world.tapped({}, MIXED);
    expect(records.map(({ before }) => hex(before!.bytes))).toEqual(MIXED.map(hex));
    expect(records.slice(0, 4).map(({ after }) => hex(after!.bytes))).toEqual(world.sent.slice(0, 4));
    expect(new Set(world.sent.slice(0, 4).map((frame, i) => frame !== hex(MIXED[i])))).toEqual(new Set([true]));
    expect(records.slice(4).map(({ after }) => after)).toEqual([null, null, null]);
    expect(records.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['forward', null],
      ['forward', null],
      ['forward', null],
      ['forward', null],
      ['punt', 'no-vip'],
      ['punt', 'other-port'],
      ['drop', 'ipv4-checksum'],
    ]);
    const { burst } = world.engines[0];
    expect(records[1]).toMatchObject({
      worker: 0,
      protocol: 'tcp',
      source: '2001:db8:1::1',
      sourcePort: 2000,
      destination: '2003::9',
      destinationPort: 443,
      vipSlot: burst.vip[1],
      asSlot: burst.as[1],
      bucket: burst.bucket[1],
      tracking: 'first',
      identity: expect.stringMatching(/^0x[0-9a-f]{16}$/),
      imageRevision: 7,
      output: null,
      icmpError: false,
      fragment: false,
    });
    // As received, although NAT has changed it since.
    expect(records[3]).toMatchObject({ destination: '2004::1', destinationPort: 80, source: '2001:db8:1::2' });
    expect(records[4]).toMatchObject({ vipSlot: null, asSlot: null, bucket: null, tracking: null, identity: null });
    expect(records[6]).toMatchObject({ protocol: null, source: null, sourcePort: null, vipSlot: null });
  });

  it('tells known flows from new ones, with nothing left over from packets before', () => {
    const world = new World();
    world.send([UDP, UDP]);
    const [known, stranger] = world.tapped({}, [UDP, STRANGER]);
    expect(known).toMatchObject({ tracking: 'existing', bucket: null, asSlot: world.engines[0].burst.as[0] });
    expect(stranger).toMatchObject({ vipSlot: null, asSlot: null, bucket: null });
  });

  it('has the time', () => {
    const from = Date.now();
    const [{ sec, nsec }] = new World().tapped({}, [UDP]);
    // A clock that is set between the two readings would be a matter of luck; a millisecond is its grain.
    expect(sec * 1000 + nsec / 1e6).toBeGreaterThanOrEqual(from - 2);
    expect(sec * 1000 + nsec / 1e6).toBeLessThanOrEqual(Date.now() + 2);
    expect(Number.isInteger(nsec)).toBe(true);
  });

  it('of an ICMP error is of the flow that it is about', () => {
    const world = new World();
    world.send([UDP]);
    const [record] = world.tapped({}, [
      unreachable('203.0.113.1', packet('90.1.2.3', '198.51.100.1', { sport: 53, dport: 1000 })),
    ]);
    expect(record).toMatchObject({
      icmpError: true,
      protocol: 'udp',
      source: '198.51.100.1',
      sourcePort: 1000,
      destination: '90.1.2.3',
      destinationPort: 53,
      tracking: 'existing',
      verdict: 'forward',
    });
  });

  it('of a fragment that waits says so, and when it is sent there is one without the packet as it came', () => {
    const world = new World();
    const [first, later] = fragments(packet('198.51.100.1', '90.1.2.3', { payload: 200 }), 77, 64);
    const tap = world.source.open({ host: parsePrefix('198.51.100.0/24') });
    world.send([later]);
    expect(tap.read()).toMatchObject([{ verdict: 'hold', after: null, fragment: true }]);
    world.send([first]);
    const [one, two] = tap.read();
    expect(one).toMatchObject({ verdict: 'forward', before: { length: first.length } });
    expect(two).toMatchObject({ verdict: 'forward', before: null, asSlot: one.asSlot, source: '198.51.100.1' });
    expect(hex(two.after!.bytes)).toBe(world.sent[1]);
  });

  it('keeps so much of a packet as was asked for', () => {
    const long = packet('2001:db8:1::1', '2003::9', { payload: 1000 });
    const [{ before, after, source }] = new World().tapped({ snapBytes: 64 }, [long]);
    expect(hex(before!.bytes)).toBe(hex(long.subarray(0, 64)));
    expect([before!.length, after!.length, after!.bytes.length]).toEqual([long.length, long.length + 44, 64]);
    expect(source).toBe('2001:db8:1::1');
  });
});

describe('a filter', () => {
  const wanted = (filter: TapFilter) =>
    new World()
      .tapped(filter, MIXED)
      .map(({ before }) => MIXED.findIndex((frame) => hex(frame) === hex(before!.bytes)));

  it.each<[string, TapFilter, number[]]>([
    ['nothing', {}, [0, 1, 2, 3, 4, 5, 6]],
    ['VIP', { vipSlot: 0 }, [0]],
    ['AS', { as: parseAddress('10.0.0.5') }, [2]],
    ['AS of IPv6', { as: parseAddress('2001:db8::2') }, [1]],
    ['host by source', { host: parsePrefix('198.51.100.2/31') }, [2, 4]],
    ['host by destination', { host: parsePrefix('92.0.0.1') }, [2, 5]],
    ['host of IPv6', { host: parsePrefix('2001:db8:1::/64') }, [1, 3]],
    ['host of the other family', { host: parsePrefix('::/0') }, [1, 3]],
    ['any host', { host: parsePrefix('0.0.0.0/0') }, [0, 2, 4, 5]],
    ['source port', { port: 2000 }, [1]],
    ['destination port', { port: 80 }, [2, 3, 4]],
    ['protocol', { protocol: 6 }, [1, 2]],
    ['verdicts', { verdicts: ['drop', 'punt'] }, [4, 5, 6]],
    ['reason', { reason: 'other-port' }, [5]],
    ['one in three of those wanted', { verdicts: ['forward', 'punt'], oneIn: 3 }, [0, 3]],
    ['several at once', { protocol: 17, port: 80, verdicts: ['forward'] }, [3]],
  ])('by %s', (_, filter, expected) => {
    expect(wanted(filter)).toEqual(expected);
  });

  it.each<[TapFilter]>([
    [{ snapBytes: 63 }],
    [{ snapBytes: 2049 }],
    [{ packets: 0 }],
    [{ oneIn: 0 }],
    [{ port: 65_536 }],
  ])('that makes no sense is refused: %o', (filter) => {
    expect(() => new World().source.open(filter)).toThrow(expect.objectContaining({ code: 'LB_WORKER_OPTIONS' }));
  });
});

describe('a tap', () => {
  it('begins and ends with opening and closing, and there is one at a time', () => {
    const world = new World();
    world.send([UDP]);
    const first = world.source.open({});
    expect(() => world.source.open({})).toThrow(expect.objectContaining({ code: 'LB_WORKER_TAP_BUSY' }));
    world.send([UDP]);
    expect(first.read()).toHaveLength(1);
    world.send([UDP]);
    first.close();
    expect(first.read()).toEqual([]);
    world.send([UDP]);
    const second = world.source.open({ verdicts: ['drop'] });
    world.send([UDP, BROKEN]);
    expect(second.read()).toMatchObject([{ verdict: 'drop' }]);
    // The first may be closed again without ending the second.
    first.close();
    world.send([BROKEN]);
    expect(second.read()).toHaveLength(1);
  });

  it('stops at its number of packets, of all workers together, also for the successor of a thread', () => {
    const world = new World(2);
    const tap = world.source.open({ packets: 5 });
    world.send([UDP, UDP, UDP], 0);
    world.engines[0] = world.engine(0);
    world.send([UDP, UDP, UDP, UDP], 0);
    world.send([UDP, UDP], 1);
    expect(world.taps[0][3]).toBe(5);
    expect(tap.read().map(({ worker }) => worker)).toEqual([0, 0, 0, 0, 0]);
    expect(tap.isComplete).toBe(true);
    expect(tap.read()).toEqual([]);
  });

  it('counts what there was no room for, and goes on when there is', () => {
    const world = new World();
    const tap = world.source.open({});
    const long = packet('198.51.100.1', '90.1.2.3', { payload: 1400 });
    const perRing = Math.floor((TAP_RING_WORDS * 4) / (28 * 4 + 1444 + 1468));
    for (let k = 0; k < 4; k++) world.send(Array.from({ length: 100 }, () => long));
    expect(tap.missed).toBe(400 - perRing);
    expect(tap.read()).toHaveLength(perRing);
    world.send([UDP]);
    expect(tap.read()).toHaveLength(1);
    expect(tap.missed).toBe(400 - perRing);
  });

  it('has all the room, whatever one before has left unread', () => {
    const world = new World();
    const long = Array.from({ length: 100 }, () => packet('198.51.100.1', '90.1.2.3', { payload: 1400 }));
    for (let k = 0; k < 3; k++) {
      const tap = world.source.open({});
      for (let burst = 0; burst < 3; burst++) world.send(long);
      expect(tap.missed).toBe(0);
      tap.close();
    }
  });

  it('loses and repeats nothing over many turns of the ring, whatever the lengths', () => {
    const world = new World();
    const tap = world.source.open({});
    let sent = 0;
    const seen: string[] = [];
    const expected: string[] = [];
    for (let burst = 0; burst < 60; burst++) {
      const frames = Array.from({ length: 200 }, () => {
        sent++;
        return packet('198.51.100.1', '90.1.2.3', { sport: 1 + (sent % 65_000), payload: (sent * 7) % 300 });
      });
      world.send(frames);
      expected.push(...frames.map(hex));
      seen.push(...tap.read().map(({ before }) => hex(before!.bytes)));
    }
    expect(tap.missed).toBe(0);
    expect(seen).toEqual(expected);
  });

  it('changes nothing of what becomes of packets', () => {
    const plain = new World();
    const tapped = new World();
    tapped.source.open({});
    const frames = [...MIXED, ...fragments(packet('198.51.100.1', '90.1.2.3', { payload: 200 }), 77, 64).reverse()];
    for (let round = 0; round < 3; round++) {
      plain.send(frames);
      tapped.send(frames);
      expect(tapped.sent).toEqual(plain.sent);
    }
    const [counted, expected] = [tapped, plain].map(({ engines }) => Buffer.from(engines[0].counters.values.buffer));
    expect(counted.equals(expected)).toBe(true);
  });

  it('gives batches until it is complete, or somebody gives up', async () => {
    const world = new World();
    const tap = world.source.open({ packets: 3 });
    const got: number[] = [];
    world.send([UDP]);
    for await (const batch of tap.batches()) {
      got.push(batch.length);
      world.send([UDP, UDP, UDP]);
    }
    expect(got).toEqual([1, 2]);
    tap.close();
    const gaveUp = new AbortController();
    const endless = world.source.open({});
    world.send([UDP]);
    for await (const _ of endless.batches(gaveUp.signal)) gaveUp.abort();
    expect(endless.isOpen).toBe(true);
    world.source.close();
    expect(endless.isOpen).toBe(false);
  });
});
