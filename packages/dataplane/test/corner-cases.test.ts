import { parseAddress, parsePrefix } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { buildFrame, buildSegment, type Draft, extensions } from '../model/frame-builder.js';
import { ImageCompiler, vipKey } from '../src/image/compiler.js';
import { FlowState } from '../src/image/lifetimes.js';
import type { ImageSpec, VipSpec } from '../src/image/spec.js';
import { Engine } from '../src/pipeline/engine.js';
import { REASONS, VERDICT_NAMES, Verdict } from '../src/verdicts.js';
import { packet } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { NatWorker } from './nat-workers.testkit.js';
import { spec, vip } from './specs.testkit.js';

const bytes = (address: string): Uint8Array => parseAddress(address).bytes;
const MORE = 0x2000;

/** What becomes of frames that come one after the other. */
function outcomes(of: ImageSpec, frames: readonly Uint8Array[]): string[] {
  const queue = new HandQueue();
  const image = new ImageCompiler().compile(of);
  const engine = new Engine({ image, source: queue, flowTableLines: 16, secret: [1, 2, 3, 4] });
  const { burst } = engine;
  return frames.flatMap((frame) => {
    queue.waiting = [frame];
    engine.poll(queue);
    return Array.from({ length: burst.count }, (_, i) => {
      const verdict = VERDICT_NAMES[burst.verdict[i]];
      return verdict === 'drop' || verdict === 'punt' ? `${verdict} ${REASONS[burst.reason[i]][0]}` : verdict;
    });
  });
}

describe('a fragment that ends beyond the largest packet', () => {
  const four = { src: bytes('198.51.100.7'), dst: bytes('90.0.0.1'), protocol: 47 };
  const six = { src: bytes('2001:db8:c::7'), dst: bytes('2002::1'), protocol: 47 };
  const gre = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1']), vip('2002::/16', 'gre4', ['10.0.0.1'])]);
  const at = (draft: Omit<Draft, 'payload' | 'fragment'>, offset: number, length: number) =>
    outcomes(gre, [buildFrame({ ...draft, fragment: offset >> 3, payload: new Uint8Array(length) })]);

  it('counts its IPv4 header as well', () => {
    expect(at(four, 65_504, 65_535 - 65_504 - 20)).toEqual(['forward']);
    expect(at(four, 65_504, 65_535 - 65_504 - 19)).toEqual(['drop fragment-overflow']);
  });

  it('counts IPv6 extension headers in front of the fragment header', () => {
    expect(at(six, 65_504, 31)).toEqual(['forward']);
    expect(at({ ...six, options: extensions([60], () => 0) }, 65_504, 23)).toEqual(['forward']);
    expect(at({ ...six, options: extensions([60], () => 0) }, 65_504, 24)).toEqual(['drop fragment-overflow']);
  });
});

it('follows each of several routing headers: one with segments left is enough for NAT to refuse', () => {
  const [src, dst] = [bytes('2001:db8:c::7'), bytes('2004::1')];
  const payload = buildSegment(17, src, dst, { sport: 4000, dport: 80, data: new Uint8Array(4) });
  const nat = spec([vip('2004::1/128', 'nat6', ['2001:db8::5'], { port: 80, targetPort: 8080 })]);
  const with43 = (segmentsLeft: readonly [number, number]) => {
    const options = extensions([43, 43], () => 0);
    options[3] = segmentsLeft[0];
    options[8 + 3] = segmentsLeft[1];
    return outcomes(nat, [buildFrame({ src, dst, protocol: 17, payload, options, extensionType: 43 })]);
  };
  expect(with43([0, 0])).toEqual(['forward']);
  expect(with43([0, 1])).toEqual(['drop nat-routing-header']);
  expect(with43([1, 0])).toEqual(['drop nat-routing-header']);
});

it('releases IPv6 fragments whose first has, behind an extension header, a protocol without ports', () => {
  const common = { src: bytes('2001:db8:c::7'), dst: bytes('2002::1'), protocol: 60, id: 9 };
  const first = Uint8Array.of(47, 0, 1, 4, 0, 0, 0, 0, ...new Uint8Array(8));
  const frames = [
    buildFrame({ ...common, fragment: 2, payload: new Uint8Array(8) }),
    buildFrame({ ...common, fragment: MORE, payload: first }),
  ];
  const six = spec([vip('2002::/16', 'gre4', ['10.0.0.1'])]);
  expect(outcomes(six, frames)).toEqual(['hold', 'forward', 'forward']);
});

describe('VIPs of one address that are src_ip_sticky', () => {
  const sticky = (port: number, protocol: 0 | 6 | 17): VipSpec =>
    vip('90.0.0.1/32', 'gre4', ['10.0.0.1', '10.0.0.2'], { port, protocol, srcIpSticky: true });

  it.each([
    ['by ports', [sticky(80, 0), sticky(443, 0)]],
    ['by protocols', [sticky(80, 6), sticky(80, 17)]],
  ])('have flows of their own where they differ %s', (_, vips) => {
    const queue = new HandQueue();
    const compiler = new ImageCompiler();
    const image = compiler.compile(spec(vips));
    const engine = new Engine({ image, source: queue, flowTableLines: 16, secret: [1, 2, 3, 4] });
    const frames = vips.map(({ port, protocol }) =>
      packet('198.51.100.7', '90.0.0.1', { dport: port, protocol: protocol || 17 }),
    );
    for (let round = 0; round < 3; round++) {
      queue.waiting = frames;
      engine.poll(queue);
    }
    for (const each of vips) {
      const { first, existing } = engine.counters.vip(compiler.vipSlots.get(vipKey(each))!);
      expect({ first, existing }).toEqual({ first: 1, existing: 2 });
    }
  });

  it('have one AS for a client whatever its protocol where they serve both', () => {
    const frames = [17, 6].map((protocol) =>
      packet('198.51.100.7', '90.0.0.1', { dport: 80, protocol: protocol as 6 | 17 }),
    );
    const queue = new HandQueue();
    const image = new ImageCompiler().compile(spec([sticky(80, 0)]));
    const engine = new Engine({ image, source: queue, flowTableLines: 16, secret: [1, 2, 3, 4] });
    queue.waiting = frames;
    engine.poll(queue);
    const { first, existing } = engine.counters.vip(0);
    expect({ first, existing }).toEqual({ first: 1, existing: 1 });
  });
});

describe('a NAT session', () => {
  const ports = { port: 80, targetPort: 8080 };
  const before = vip('90.0.0.1/32', 'nat4', ['10.0.0.1'], { ...ports, protocol: 6 });
  const other = vip('90.0.0.2/32', 'nat4', ['10.0.0.1'], ports);
  const toVip = packet('198.51.100.7', '90.0.0.1', { protocol: 6, sport: 4000, dport: 80 });
  const answer = packet('10.0.0.1', '198.51.100.7', { protocol: 6, sport: 8080, dport: 4000 });

  it('of a VIP that is gone counts for no VIP that has come since', () => {
    const compiler = new ImageCompiler();
    const worker = new NatWorker(compiler.compile(spec([before], { nat4In: true })));
    worker.send(toVip);
    worker.engine.setImage(compiler.compile(spec([other], { nat4In: true })));
    expect(worker.send(answer).from).toBe('90.0.0.1 80');
    expect(worker.engine.counters.vip(compiler.vipSlots.get(vipKey(other))!).natReturn).toBe(0);
  });

  it('is the same when its VIP comes back among others', () => {
    const compiler = new ImageCompiler();
    const worker = new NatWorker(compiler.compile(spec([before], { nat4In: true })));
    worker.send(toVip);
    worker.engine.setImage(compiler.compile(spec([other], { nat4In: true })));
    worker.engine.setImage(compiler.compile(spec([other, before], { nat4In: true })));
    expect(worker.send(toVip).from).toBe('198.51.100.7 4000');
  });

  it('goes on when another VIP takes over address and port', () => {
    const compiler = new ImageCompiler();
    const worker = new NatWorker(compiler.compile(spec([before], { nat4In: true })));
    worker.send(toVip);
    const after = vip('90.0.0.1/32', 'nat4', ['10.0.0.1'], ports);
    worker.engine.setImage(compiler.compile(spec([after], { nat4In: true })));
    expect(worker.send(toVip).from).toBe('198.51.100.7 4000');
    worker.send(answer);
    expect(worker.engine.counters.vip(compiler.vipSlots.get(vipKey(after))!).natReturn).toBe(1);
  });
});

it('gives slots of VIPs that are gone away when there is no more room', () => {
  const compiler = new ImageCompiler();
  const many = (net: number) =>
    Array.from({ length: 1 << 14 }, (_, n) => vip(`${net}.0.${n >> 8}.${n & 255}/32`, 'gre4', [], { newLen: 1 }));
  const gre = vip('80.0.0.1/32', 'gre4', ['10.0.0.1'], { newLen: 1 });
  compiler.compile(spec([gre]));
  compiler.compile(spec(many(90)));
  expect(compiler.vipSlots.get(vipKey(gre))).toBeUndefined();
});

it('translates from the first image with NAT on, if the sessions were there before it', () => {
  const compiler = new ImageCompiler();
  const server = vip('92.0.0.1/32', 'nat4', ['10.0.0.5'], { port: 80, targetPort: 8080 });
  const worker = new NatWorker(compiler.compile(spec([])));
  worker.engine.setImage(compiler.compile(spec([server], { nat4In: true }), { revision: 1 }));
  const there = worker.send(packet('198.51.100.1', '92.0.0.1', { sport: 4000 }));
  expect([there.from, there.to]).toEqual(['198.51.100.1 4000', '10.0.0.5 8080']);
  const back = worker.send(packet('10.0.0.5', '198.51.100.1', { sport: 8080, dport: 4000 }));
  expect([back.from, back.to]).toEqual(['92.0.0.1 80', '198.51.100.1 4000']);
});

it('a connection that begins is not closed by the pieces of the last packet of the one before', () => {
  const server = vip('92.0.0.1/32', 'nat4', ['10.0.0.5'], { port: 80, targetPort: 8080 });
  const network = {
    interfaces: [{ name: 'lb0', queue: 0, mac: Uint8Array.of(2, 0, 0, 0, 0, 1), mtu: 576, addresses: [] }],
    neighbours: [],
    routes: [{ prefix: parsePrefix('10.0.0.0/24'), queue: 0 }],
  };
  const { engine, queue } = new NatWorker(new ImageCompiler().compile(spec([server]), { network }));
  const tcp = (flags: number, payload = 0) => packet('198.51.100.1', '92.0.0.1', { protocol: 6, flags, payload });
  queue.waiting = [tcp(0x11, 1000), tcp(0x02)];
  engine.poll(queue);
  expect(Array.from(engine.burst.verdict.subarray(0, engine.burst.count))).toEqual([
    Verdict.FORWARD,
    Verdict.FORWARD,
    Verdict.FORWARD,
  ]);
  const values = engine.sessions.table.words.filter((value, k) => (k & 15) >= 12 && value !== 0);
  expect([...values].map((value) => value & FlowState.MASK)).toEqual([FlowState.OPENING]);
});
