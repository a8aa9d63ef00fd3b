import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { FlowTable, parseAddress, parsePrefix } from '@lb/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BURST_CAPACITY, type Burst } from '../src/burst.js';
import type { CompileOptions } from '../src/image/build-image.js';
import { asKey, ImageCompiler } from '../src/image/compiler.js';
import type { Image } from '../src/image/image.js';
import { ImageFlag } from '../src/image/layout.js';
import type { ImageSpec, VipSpec } from '../src/image/spec.js';
import { libraryPath, nativeLibrary, nativeStages } from '../src/native/index.js';
import { Engine } from '../src/pipeline/engine.js';
import type { FastStages } from '../src/pipeline/fast-stages.js';
import { Verdict } from '../src/verdicts.js';
import { fragments, packet, unreachable } from './frames.testkit.js';
import { HandQueue, PLACE_BYTES } from './hand-queue.testkit.js';
import { everyType, spec, vip } from './specs.testkit.js';

const LINES = 64;
const SECRET = [0x12345678, 0x9abcdef0, 0x0fedcba9, 0x87654321] as const;

/** One engine by TypeScript alone, one by native stages, fed with the same. */
class Pair {
  readonly compiler = new ImageCompiler();
  readonly queues = [new HandQueue(), new HandQueue()] as const;
  readonly engines: readonly [Engine, Engine];
  /** Packets that the native stages have left to TypeScript. */
  listed = 0;
  private revision = 0;

  constructor(
    first: ImageSpec,
    options: CompileOptions = {},
    peers?: readonly FlowTable[],
    readonly lines = LINES,
  ) {
    const image = this.compile(first, options);
    const common = { image, flowTableLines: lines, secret: SECRET, ...(peers && { peers }) };
    const make = nativeStages(nativeLibrary());
    this.engines = [
      new Engine({ ...common, source: this.queues[0] }),
      new Engine({ ...common, source: this.queues[1], fastStages: (parts) => this.counting(make(parts)) }),
    ];
  }

  compile(next: ImageSpec, options: CompileOptions = {}): Image {
    return this.compiler.compile(next, { ...options, revision: ++this.revision });
  }

  follow(image: Image): void {
    for (const engine of this.engines) engine.setImage(image);
  }

  private counting(fast: FastStages): FastStages {
    return {
      get listed() {
        return fast.listed;
      },
      follow: (image, sessions) => fast.follow(image, sessions),
      run: (from, received, held) => {
        const step = fast.run(from, received, held);
        this.listed += fast.listed;
        return step;
      },
    };
  }

  /** Both process a burst; everything that can be seen from outside must be the same. */
  send(frames: readonly Uint8Array[], tick: number, input = 0): Burst {
    const [here, native] = this.engines.map((engine, k) => {
      const queue = this.queues[k]!;
      queue.waiting = frames.map((frame) => frame.slice());
      queue.tick = tick;
      engine.burst.input = input;
      engine.poll(queue);
      return { packets: packetsOf(engine), memory: memoryOf(engine, queue) };
    });
    expect(native!.packets).toEqual(here!.packets);
    here!.memory.forEach((bytes, k) => {
      expect([MEMORY[k], bytes.equals(native!.memory[k]!)]).toEqual([MEMORY[k], true]);
    });
    return this.engines[1].burst;
  }
}

/** What an engine has made of a burst: verdicts and what they mean. */
function packetsOf({ burst, image }: Engine): unknown[] {
  const hasNetwork = (image.flags & ImageFlag.HAS_NETWORK) !== 0;
  const packets = Array.from({ length: burst.count }, (_, i) => {
    const verdict = burst.verdict[i];
    const leaves = verdict === Verdict.FORWARD || verdict === Verdict.REPLY;
    const balanced = verdict === Verdict.FORWARD && burst.as[i] >= 0;
    return [
      verdict,
      burst.offset[i],
      burst.length[i],
      verdict === Verdict.DROP || verdict === Verdict.PUNT ? burst.reason[i] : 0,
      ...(balanced ? [burst.vip[i], burst.as[i], burst.tracking[i], burst.lo[i], burst.hi[i], burst.flags[i]] : []),
      hasNetwork && leaves ? burst.output[i] : 0,
      burst.reordered ? burst.sequence[i] : i,
    ].join(' ');
  });
  return [packets, burst.seen, burst.longest, burst.encaps];
}

const MEMORY = ['frames', 'counters', 'flows', 'sessions', 'sides of sessions'];
function memoryOf({ burst, counters, flows, sessions: { table } }: Engine, { frames }: HandQueue): Buffer[] {
  const used = frames.u8.subarray(0, burst.count * PLACE_BYTES);
  return [used, counters.values, flows.words, table.words, table.side].map((array) =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength),
  );
}

const nat = { port: 80, targetPort: 8080, nodePort: 30080 };
const four = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const six = ['2001:db8::1', '2001:db8::2', '2001:db8::3'];

/** All different, and times between bursts lie between them. */
const TIMEOUTS = { tcpSec: 40, tcpOpeningSec: 1, tcpClosingSec: 2, udpSec: 3, otherSec: 4 };

/** VIPs of every type and of what else changes the way of a packet. */
function richSpec(more: Partial<ImageSpec> = {}): ImageSpec {
  return spec(
    [
      vip('90.0.0.0/8', 'gre4', four),
      vip('90.7.0.0/16', 'gre6', six),
      vip('91.0.0.0/8', 'gre6', six, { srcIpSticky: true }),
      vip('93.0.0.1/32', 'l3dsr', four, { srcIpSticky: true, port: 80, protocol: 6 }),
      vip('93.0.0.1/32', 'nat4', four, { srcIpSticky: true, port: 443, protocol: 6 }),
      vip('2002::/16', 'gre4', four),
      vip('2002:7::/32', 'gre6', six, { port: 443 }),
      vip('2003::/16', 'gre6', six, { mssClamp: 1200 }),
      vip('100.0.0.0/8', 'l3dsr', four, { dscp: 5 }),
      vip('100.7.0.0/16', 'l3dsr', four, { dscp: 63, port: 53, protocol: 17 }),
      vip('92.0.0.1/32', 'nat4', four, nat),
      vip('92.0.0.2/32', 'nat4', four, { ...nat, nodePort: 0 }),
      vip('2004::1/128', 'nat6', six, nat),
      vip('94.0.0.0/8', 'gre4', []),
    ],
    { nat4In: true, nat6In: true, nat4InQueues: [0], nat6InQueues: [0], timeouts: TIMEOUTS, ...more },
  );
}

const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 9, last);
const OPTIONS: Record<string, { spec: ImageSpec; options?: CompileOptions }> = {
  'every type': { spec: everyType() },
  'sticky, ports, MSS': { spec: richSpec() },
  'next hops known, VPP hash': {
    spec: richSpec({ flowHash: 'vpp' }),
    options: { nextHop: () => ({ destinationMac: mac(1), sourceMac: mac(2), queue: 1 }) },
  },
  'a network, a range of sources': {
    spec: richSpec({ ip4SrcRange: parsePrefix('192.0.2.0/28'), ip6SrcRange: parsePrefix('2001:db8:ff::/112') }),
    options: {
      network: {
        interfaces: [
          { name: 'a', queue: 0, mac: mac(3), mtu: 1500, addresses: [parseAddress('10.0.0.254')] },
          { name: 'b', queue: 1, mac: mac(4), mtu: 576, addresses: [parseAddress('198.51.100.254')] },
        ],
        neighbours: [
          ...four.map((text, k) => ({ address: parseAddress(text), mac: mac(10 + k), queue: 0 })).slice(0, 2),
          { address: parseAddress('2001:db8::1'), mac: mac(20), queue: 1 },
          { address: parseAddress('198.51.100.1'), mac: mac(21), queue: 1 },
        ],
        routes: [
          { prefix: parsePrefix('10.0.0.0/24'), queue: 0 },
          { prefix: parsePrefix('2001:db8::/64'), queue: 1 },
          { prefix: parsePrefix('198.51.100.0/24'), queue: 1 },
        ],
      },
    },
  },
};

/** Well-formed packets of few clients, so that flows are met again, and collide. */
const destinations4 = [
  '90.1.2.3',
  '90.7.0.1',
  '91.1.1.1',
  '93.0.0.1',
  '100.1.1.1',
  '100.7.0.1',
  '92.0.0.1',
  '92.0.0.2',
  '94.0.0.1',
  '95.0.0.1',
  '192.0.2.254',
];
const destinations6 = ['2002::1', '2002:7::1', '2003::1', '2004::1', '2005::1', '2001:db8:ff::254'];
const wellFormed = fc
  .record({
    six: fc.boolean(),
    to: fc.nat(99),
    client: fc.nat(5),
    sport: fc.nat(5),
    dport: fc.constantFrom(80, 443, 53, 8080, 30080),
    protocol: fc.constantFrom<6 | 17>(6, 17),
    payload: fc.constantFrom(0, 1, 10, 700, 1400),
    mss: fc.option(fc.constant(1460), { nil: undefined }),
    // ACK, SYN, SYN and ACK, FIN and ACK, RST, RST and ACK, all and none.
    flags: fc.constantFrom(0x10, 0x10, 0x02, 0x02, 0x12, 0x11, 0x04, 0x14, 0xff, 0),
    dontFragment: fc.boolean(),
    shape: fc.constantFrom(
      'whole',
      'whole',
      'whole',
      'whole',
      'whole',
      'padded',
      'tagged',
      'ttl',
      'checksum',
      'error',
      'fragments',
      'answer',
    ),
  })
  .map(({ six: isSix, to, client, sport, shape, mss, ...more }) => {
    const destinations = isSix ? destinations6 : destinations4;
    const source = isSix ? `2001:db8:c::${client + 1}` : `198.51.100.${client + 1}`;
    const options = { ...more, sport: 5000 + sport, ...(mss !== undefined && more.protocol === 6 && { mss }) };
    const frame = packet(source, destinations[to % destinations.length]!, options);
    switch (shape) {
      case 'padded':
        return [Uint8Array.of(...frame, 0, 0, 0, 0, 0, 0)];
      case 'tagged':
        return [Uint8Array.of(...frame.subarray(0, 12), 0x81, 0, 0, 7, ...frame.subarray(12))];
      case 'ttl':
        frame[isSix ? 21 : 22] = 1;
        return [frame];
      case 'checksum':
        frame[isSix ? 60 : 40] = 0;
        frame[isSix ? 61 : 41] = 0;
        return [frame];
      case 'error':
        return isSix ? [frame] : [unreachable('198.51.100.77', reversed(frame))];
      case 'fragments':
        return isSix ? [frame] : fragments(frame, 0x1200 + client, 400);
      case 'answer': {
        const server = isSix ? six[to % 3]! : four[to % 3]!;
        return [packet(server, source, { ...more, sport: 8080, dport: 5000 + sport })];
      }
      default:
        return [frame];
    }
  });

/** The packet that an AS would have sent in answer: addresses and ports of an IPv4 frame turned round. */
function reversed(frame: Uint8Array): Uint8Array {
  const out = frame.slice();
  out.set(frame.subarray(30, 34), 26);
  out.set(frame.subarray(26, 30), 30);
  out.set(frame.subarray(36, 38), 34);
  out.set(frame.subarray(34, 36), 36);
  return out;
}

/** Frames of every kind, from the scapy fixtures, and what random changes make of them. */
function fixtureFrames(): Uint8Array[] {
  const directory = new URL('./fixtures/', import.meta.url);
  const frames = new Set<string>();
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
    const { cases } = JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as {
      cases: { steps: { in?: string }[] }[];
    };
    for (const step of cases.flatMap((test) => test.steps)) {
      if (step.in !== undefined && step.in.length < 3000) frames.add(step.in);
    }
  }
  return [...frames].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
}
const samples = fixtureFrames();
const mutated = fc
  .record({
    sample: fc.nat(samples.length - 1),
    mutations: fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { maxLength: 3 }),
    cut: fc.option(fc.nat(), { freq: 4 }),
  })
  .map(({ sample, mutations, cut }) => {
    const frame = samples[sample]!.slice();
    for (const { at, value } of mutations) frame[at % frame.length] = value;
    return [cut === null ? frame : frame.slice(0, cut % (frame.length + 1))];
  });
const burst = fc
  .array(fc.oneof({ weight: 5, arbitrary: wellFormed }, { weight: 1, arbitrary: mutated }), { maxLength: 60 })
  .map((parts) => parts.flat());
/** Around the ends of flows in all states: 16, 32, 48, 64 and 640 ticks. */
const bursts = fc.array(
  fc.record({ frames: burst, elapsed: fc.constantFrom(0, 1, 15, 16, 31, 40, 640, 700), input: fc.nat(1) }),
  {
    maxLength: 6,
  },
);

const missing = existsSync(libraryPath()) ? undefined : 'the native library is not built';
const describeNative = missing === undefined ? describe : describe.skip;
const title = missing === undefined ? 'native stages' : `native stages (skipped: ${missing})`;

describeNative(title, () => {
  it.each(Object.entries(OPTIONS))(
    'do to any burst what those in TypeScript do: %s',
    (_, { spec: wanted, options }) => {
      fc.assert(
        fc.property(bursts, fc.constantFrom(1, 4, LINES), (list, lines) => {
          const pair = new Pair(wanted, options, undefined, lines);
          let tick = 0x7ffffff0;
          for (const { frames, elapsed, input } of list) {
            tick = (tick + elapsed) | 0;
            pair.send(frames.slice(0, 256), tick, input);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it('do the same when servers leave, drain or are flushed between bursts', () => {
    const change = fc.record({ as: fc.nat(2), how: fc.constantFrom('gone', 'draining', 'ends', 'flush', 'back') });
    fc.assert(
      fc.property(fc.array(fc.tuple(burst, change), { maxLength: 5 }), (list) => {
        const pair = new Pair(richSpec());
        list.forEach(([frames, { as, how }], n) => {
          pair.send(frames.slice(0, 256), n * 16);
          const flush = new Set<string>();
          const changed = (one: VipSpec): VipSpec => {
            const server = one.ass[as];
            if (server === undefined || how === 'back') return one;
            if (how === 'flush') flush.add(asKey(one, server.address));
            const rest = one.ass.filter((other) => other !== server);
            if (how === 'gone' || how === 'flush') return { ...one, ass: rest };
            return { ...one, ass: [...rest, { ...server, weight: 0, draining: true, udpEnds: how === 'ends' }] };
          };
          const base = richSpec();
          pair.follow(pair.compile({ ...base, vips: base.vips.map(changed) }, { flush }));
          pair.send(frames.slice(0, 256), n * 16 + 1);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('do the same with flows that come over from another worker', () => {
    const peer = new FlowTable({ lines: LINES, secret: SECRET });
    const other = new Pair(everyType());
    const frames = Array.from({ length: 100 }, (_, k) => packet('198.51.100.1', '90.0.0.1', { sport: 4000 + k }));
    other.send(frames, 0);
    peer.words.set(other.engines[0].flows.words);
    const pair = new Pair(everyType(), {}, [peer]);
    for (const engine of pair.engines) engine.peers.settlingUntil = 100;
    pair.send(frames, 1);
    expect(pair.engines[1].counters.vip(0)).toMatchObject({ existing: 100, first: 0 });
  });

  it('tell a flow from another that was given its client port', () => {
    const one = spec([vip('92.0.0.1/32', 'nat4', ['10.0.0.1'], nat), vip('92.0.0.2/32', 'nat4', ['10.0.0.1'], nat)]);
    const pair = new Pair(one);
    const to = (destination: string, sport: number) => packet('198.51.100.1', destination, { sport });
    const { clientPort } = pair.send([to('92.0.0.1', 5000), to('92.0.0.2', 5000)], 0);
    const given = ((clientPort[1]! & 0xff) << 8) | (clientPort[1]! >>> 8);
    expect(given).not.toBe(5000);
    pair.send([to('92.0.0.2', given)], 1);
    expect(pair.engines[1].burst.clientPort[0]).not.toBe(clientPort[1]);
  });

  it('leave nothing of established flows to TypeScript', () => {
    const pair = new Pair(richSpec({ nat4In: false, nat6In: false }), {}, undefined, 1024);
    const to = ['90.0.0.1', '90.7.0.1', '91.0.0.1', '100.0.0.1', '92.0.0.1', '2002::1', '2004::1'];
    const frames = Array.from({ length: 256 }, (_, k) => {
      const destination = to[k % to.length]!;
      const source = destination.includes(':') ? '2001:db8:c::1' : '198.51.100.1';
      return packet(source, destination, { sport: 1000 + k });
    });
    pair.send(frames, 0);
    expect(pair.listed).toBeGreaterThan(0);
    pair.listed = 0;
    const { verdict } = pair.send(frames, 1);
    expect(pair.listed).toBe(0);
    expect(new Set(verdict.subarray(0, 256))).toEqual(new Set([Verdict.FORWARD]));
  });
});

it('bursts have room for whole vectors', () => {
  expect(BURST_CAPACITY % 16).toBe(0);
});
