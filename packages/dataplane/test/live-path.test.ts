import { formatAddress, parseAddress, parsePrefix } from '@lb/core';
import { fold, frameViews, pseudoHeaderSum6, sumBytes } from '@lb/encap';
import { beforeEach, describe, expect, it } from 'vitest';
import { BURST_PACKETS } from '../src/burst.js';
import { ImageCompiler } from '../src/image/compiler.js';
import { OUTPUT_KERNEL } from '../src/image/layout.js';
import type { ImageSpec } from '../src/image/spec.js';
import type { NetworkSpec } from '../src/network/spec.js';
import { Engine } from '../src/pipeline/engine.js';
import { VERDICT_NAMES } from '../src/verdicts.js';
import { packet } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { spec, vip } from './specs.testkit.js';

const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 9, last);
const network: NetworkSpec = {
  interfaces: [
    { name: 'in0', queue: 0, mac: mac(0xa0), mtu: 1500, addresses: [] },
    { name: 'out0', queue: 1, mac: mac(0xa1), mtu: 1500, addresses: [] },
  ],
  neighbours: [
    { address: parseAddress('10.0.0.1'), mac: mac(1), queue: 1 },
    { address: parseAddress('10.0.0.254'), mac: mac(254), queue: 1 },
    { address: parseAddress('198.51.100.1'), mac: mac(50), queue: 0 },
    { address: parseAddress('2001:db8::1'), mac: mac(61), queue: 1 },
  ],
  routes: [
    { prefix: parsePrefix('10.0.0.0/24'), queue: 1 },
    { prefix: parsePrefix('10.7.0.0/16'), gateway: parseAddress('10.0.0.254'), queue: 1 },
    { prefix: parsePrefix('10.8.0.0/16'), queue: -1 },
    { prefix: parsePrefix('198.51.100.0/24'), queue: 0 },
    { prefix: parsePrefix('2001:db8::/64'), queue: 1 },
  ],
};

let queue: HandQueue;

function run(configuration: ImageSpec, ...frames: Uint8Array[]): Engine {
  const image = new ImageCompiler().compile(configuration, { network });
  const engine = new Engine({ image, source: queue, flowTableLines: 64, secret: [1, 2, 3, 4] });
  send(engine, ...frames);
  return engine;
}

function send(engine: Engine, ...frames: Uint8Array[]): void {
  queue.waiting = frames;
  engine.poll(queue);
}

function sent(engine: Engine, i = 0): Buffer {
  const { burst } = engine;
  return Buffer.from(queue.frames.u8.slice(burst.offset[i], burst.offset[i] + burst.length[i]));
}

const macs = (frame: Buffer) => [frame.toString('hex', 0, 6), frame.toString('hex', 6, 12)];
const verdict = (engine: Engine, i = 0) => VERDICT_NAMES[engine.burst.verdict[i]];
const gre = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1'])]);

beforeEach(() => {
  queue = new HandQueue();
});

describe('next hops', () => {
  it('address a packet to its AS and name the queue', () => {
    const engine = run(gre, packet('198.51.100.1', '90.0.0.1'));
    expect(engine.burst.output[0]).toBe(1);
    expect(macs(sent(engine))).toEqual(['020000000901', '0200000009a1']);
    expect(sent(engine).readUInt16BE(12)).toBe(0x0800);
  });

  it.each([
    ['a gateway', '10.7.3.4', 1, '0200000009fe'],
    ['an address that is not resolved', '10.0.0.77', OUTPUT_KERNEL, undefined],
    ['an interface that is not bound', '10.8.0.1', OUTPUT_KERNEL, undefined],
    ['no route', '172.16.0.1', OUTPUT_KERNEL, undefined],
  ])('of an AS behind %s', (_, address, output, destination) => {
    const engine = run(spec([vip('90.0.0.0/8', 'gre4', [address])]), packet('198.51.100.1', '90.0.0.1'));
    expect(verdict(engine)).toBe('forward');
    expect(engine.burst.output[0]).toBe(output);
    if (destination !== undefined) expect(macs(sent(engine))[0]).toBe(destination);
  });

  it('tell one gateway address on two links apart, and take the smaller MTU of a route', () => {
    const gateway = parseAddress('10.0.0.254');
    const two: NetworkSpec = {
      ...network,
      neighbours: [...network.neighbours, { address: gateway, mac: mac(0x77), queue: 0 }],
      routes: [
        { prefix: parsePrefix('10.20.0.0/16'), gateway, queue: 0, mtu: 1400 },
        { prefix: parsePrefix('10.21.0.0/16'), gateway, queue: 1 },
      ],
    };
    const ass = ['10.20.0.1', '10.21.0.1'];
    const image = new ImageCompiler().compile(spec(ass.map((as, k) => vip(`9${k}.0.0.0/8`, 'gre4', [as]))), {
      network: two,
    });
    const engine = new Engine({ image, source: queue, flowTableLines: 64, secret: [1, 2, 3, 4] });
    send(
      engine,
      packet('198.51.100.1', '90.0.0.1'),
      packet('198.51.100.1', '91.0.0.1'),
      packet('198.51.100.1', '90.0.0.1', { payload: 1400, dontFragment: true }),
      packet('198.51.100.1', '91.0.0.1', { payload: 1400, dontFragment: true }),
    );
    expect([...engine.burst.output.subarray(0, 2)]).toEqual([0, 1]);
    expect([0, 1].map((i) => macs(sent(engine, i))[0])).toEqual(['020000000977', '0200000009fe']);
    expect([2, 3].map((i) => verdict(engine, i))).toEqual(['reply', 'forward']);
    expect(sent(engine, 2).readUInt16BE(14 + 26)).toBe(1376);
  });

  it.each(['l3dsr', 'nat4', 'gre6'] as const)('with %s', (encap) => {
    const as = encap === 'gre6' ? '2001:db8::1' : '10.0.0.1';
    const engine = run(
      spec([vip('90.0.0.1/32', encap, [as], { port: 80, targetPort: 80 })]),
      packet('198.51.100.1', '90.0.0.1'),
    );
    expect(engine.burst.output[0]).toBe(1);
    expect(macs(sent(engine))).toEqual([encap === 'gre6' ? '02000000093d' : '020000000901', '0200000009a1']);
    expect(sent(engine).readUInt16BE(12)).toBe(encap === 'gre6' ? 0x86dd : 0x0800);
  });

  it('of return traffic are those of the client, and only on the interfaces named', () => {
    const nat = spec([vip('90.0.0.1/32', 'nat4', ['10.0.0.1'], { port: 80, targetPort: 8080 })], {
      nat4In: true,
      nat4InQueues: [1],
    });
    const engine = run(nat, packet('198.51.100.1', '90.0.0.1'));
    const answer = packet('10.0.0.1', '198.51.100.1', { sport: 8080, dport: 1234 });
    send(engine, answer);
    expect(verdict(engine)).toBe('punt');
    engine.burst.input = 1;
    send(engine, answer);
    expect(verdict(engine)).toBe('forward');
    expect(engine.burst.output[0]).toBe(0);
    expect(macs(sent(engine))).toEqual(['020000000932', '0200000009a0']);
    expect(formatAddress({ family: 4, bytes: sent(engine).subarray(26, 30) })).toBe('90.0.0.1');
  });
});

describe('packets too long for their way', () => {
  it('are answered with the MTU that fits, from the VIP, if they may not be fragmented', () => {
    const long = packet('198.51.100.1', '90.0.0.1', { payload: 1472, dontFragment: true });
    const engine = run(gre, long);
    expect(verdict(engine)).toBe('reply');
    expect(engine.burst.output[0]).toBe(0);
    const error = sent(engine);
    expect(macs(error)).toEqual([Buffer.from(long).toString('hex', 6, 12), Buffer.from(long).toString('hex', 0, 6)]);
    const ip = error.subarray(14);
    expect(ip).toHaveLength(576);
    expect(fold(sumBytes(ip, 0, 20))).toBe(0xffff);
    expect([ip.subarray(12, 16).join('.'), ip.subarray(16, 20).join('.')]).toEqual(['90.0.0.1', '198.51.100.1']);
    expect([ip[20], ip[21]]).toEqual([3, 4]);
    expect(ip.readUInt16BE(26)).toBe(1476);
    expect(fold(sumBytes(ip, 20, 556))).toBe(0xffff);
    expect(ip.subarray(28)).toEqual(Buffer.from(long.subarray(14, 14 + 548)));
  });

  it('are answered likewise on IPv6', () => {
    const six = spec([vip('2002::/16', 'gre4', ['10.0.0.1'])]);
    const long = packet('2001:db8:1::9', '2002::1', { payload: 1440 });
    const engine = run(six, long);
    expect(verdict(engine)).toBe('reply');
    const ip = sent(engine).subarray(14);
    expect(ip).toHaveLength(1280);
    expect([ip[6], ip[40], ip[41]]).toEqual([58, 2, 0]);
    expect(ip.readUInt32BE(44)).toBe(1476);
    const frames = frameViews(new ArrayBuffer(1284));
    frames.u8.set(ip);
    expect(sumBytes(frames.u8, 40, 1240, pseudoHeaderSum6(frames.u32, 0, 58, 1240))).toBe(0xffff);
    expect(ip.subarray(48)).toEqual(Buffer.from(long.subarray(14, 14 + 1232)));
  });

  it('are fragmented before encapsulation otherwise', () => {
    const long = packet('198.51.100.1', '90.0.0.1', { payload: 1472 });
    const engine = run(gre, long, packet('198.51.100.1', '90.0.0.2'));
    const { burst } = engine;
    expect(burst.count).toBe(3);
    const parts = [0, 2].map((i) => {
      expect(verdict(engine, i)).toBe('forward');
      expect(burst.output[i]).toBe(1);
      expect(macs(sent(engine, i))[0]).toBe('020000000901');
      const outer = sent(engine, i).subarray(14);
      expect(outer.length).toBeLessThanOrEqual(1500);
      return outer.subarray(24);
    });
    // Sent right behind its first, before the packet that came later.
    expect([burst.sequence[0], burst.sequence[2], burst.sequence[1]]).toEqual([0, 0, 1]);
    for (const part of parts) expect(fold(sumBytes(part, 0, 20))).toBe(0xffff);
    expect(parts.map((part) => part.readUInt16BE(6))).toEqual([0x2000, 1456 / 8]);
    expect(parts.map((part) => part.readUInt16BE(2))).toEqual([1476, 44]);
    expect(Buffer.concat(parts.map((part) => part.subarray(20)))).toEqual(Buffer.from(long.subarray(34)));
    expect(engine.counters.worker()).toMatchObject({ received: 2, forwarded: 3, fragmentsMade: 1 });
  });

  it('are fragmented though the burst is full of them', () => {
    const long = packet('198.51.100.1', '90.0.0.1', { payload: 1472 });
    const engine = run(gre, ...Array(BURST_PACKETS).fill(long));
    expect(engine.counters.worker()).toMatchObject({ received: 256, forwarded: 512, fragmentsMade: 256, dropped: 0 });
  });

  it('are answered a hundred times at once, then at a limited rate', () => {
    const long = packet('198.51.100.1', '90.0.0.1', { payload: 1472, dontFragment: true });
    const engine = run(gre, ...Array(200).fill(long));
    expect(engine.counters.worker().replied).toBe(100);
    expect(engine.counters.reasons()['icmp-rate-limited']).toBe(100);
    queue.tick += 1;
    send(engine, ...Array(200).fill(long));
    expect(engine.counters.worker().replied).toBe(162);
  });

  it('are so as well while the next hop is not resolved', () => {
    const unresolved = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.77'])]);
    const engine = run(unresolved, packet('198.51.100.1', '90.0.0.1', { payload: 1472 }));
    expect(engine.burst.count).toBe(2);
    for (const i of [0, 1]) {
      expect(engine.burst.output[i]).toBe(OUTPUT_KERNEL);
      expect(sent(engine, i).length - 14).toBeLessThanOrEqual(1500);
    }
  });

  it('are nobody’s business on the kernel’s way', () => {
    const engine = run(
      spec([vip('90.0.0.0/8', 'gre4', ['10.8.0.1'])]),
      packet('198.51.100.1', '90.0.0.1', { payload: 1472 }),
    );
    expect(verdict(engine)).toBe('forward');
  });
});

describe('options of a VIP', () => {
  it('clamp the maximum segment size of SYNs', () => {
    const clamped = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1'], { mssClamp: 1400 })]);
    const engine = run(
      clamped,
      packet('198.51.100.1', '90.0.0.1', { protocol: 6, mss: 1460, payload: 0 }),
      packet('198.51.100.1', '90.0.0.1', { protocol: 6, mss: 1300, payload: 0, sport: 9 }),
    );
    const mss = (i: number) => sent(engine, i).readUInt16BE(14 + 24 + 20 + 22);
    expect([mss(0), mss(1)]).toEqual([1400, 1300]);
  });

  it('spread the outer source over a range, one per flow', () => {
    const ranged = spec([vip('90.0.0.0/8', 'gre4', ['10.0.0.1'])], { ip4SrcRange: parsePrefix('10.1.0.0/24') });
    const flows = Array.from({ length: 100 }, (_, k) => packet('198.51.100.1', '90.0.0.1', { sport: 2000 + k }));
    const engine = run(ranged, ...flows);
    const sources = flows.map((_, i) => {
      const outer = sent(engine, i).subarray(14);
      expect(fold(sumBytes(outer, 0, 20))).toBe(0xffff);
      return outer.subarray(12, 16).join('.');
    });
    expect(sources.every((source) => source.startsWith('10.1.0.'))).toBe(true);
    expect(new Set(sources).size).toBeGreaterThan(60);
    send(engine, ...flows);
    expect(flows.map((_, i) => sent(engine, i).subarray(26, 30).join('.'))).toEqual(sources);
  });
});
