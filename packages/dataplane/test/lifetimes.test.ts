import { existsSync } from 'node:fs';
import { FlowTable } from '@lb/core';
import { describe, expect, it } from 'vitest';
import type { ImageSpec, VipSpec } from '../src/image/spec.js';
import { libraryPath } from '../src/native/index.js';
import { D } from '../src/pipeline/flow-details.js';
import { Reason, Verdict } from '../src/verdicts.js';
import { fragments, type PacketOptions, packet, unreachable } from './frames.testkit.js';
import { ACK, FIN, LifeWorld, RST, type Stages, SYN, TIMEOUTS } from './lifetimes.testkit.js';
import { spec, vip } from './specs.testkit.js';

const CLIENT = '198.51.100.1';
const VIP = '90.0.0.1';
const SERVERS = ['10.0.0.1', '10.0.0.2'];
const OPENING = { state: 'opening', seconds: 5 };
const ESTABLISHED = { state: 'established', seconds: 100 };
const CLOSING = { state: 'closing', seconds: 7 };

const timed = (vips: readonly VipSpec[]): ImageSpec => spec(vips, { timeouts: TIMEOUTS, nat4In: true, nat6In: true });
const gre = vip('90.0.0.0/8', 'gre4', SERVERS);
const tcp = (flags: number, more: PacketOptions = {}) =>
  packet(CLIENT, VIP, { protocol: 6, sport: 5000, flags, ...more });

/** The same servers, of which the second gets no new flows, or neither. */
const without = (weights: readonly number[]): VipSpec => ({
  ...gre,
  ass: gre.ass.map((as, k) => ({ ...as, weight: weights[k]! })),
});

const built = existsSync(libraryPath());
const ALL: Stages[] = built ? ['typescript', 'native'] : ['typescript'];

/** What the client sends, and how its entry is then. */
const TRANSITIONS: [name: string, flags: number[], expected: object][] = [
  ['SYN', [SYN], OPENING],
  ['SYN again', [SYN, SYN], OPENING],
  ['SYN with data flags', [SYN | 0x08 | 0xc0], OPENING],
  ['SYN and FIN', [SYN | FIN], OPENING],
  ['the answer to a SYN and ACK', [SYN, ACK], ESTABLISHED],
  ['a segment without flags', [SYN, 0], ESTABLISHED],
  ['SYN and ACK', [SYN, SYN | ACK], ESTABLISHED],
  ['a connection that was opened elsewhere', [ACK], ESTABLISHED],
  ['FIN', [SYN, ACK, FIN | ACK], CLOSING],
  ['RST', [SYN, ACK, RST], CLOSING],
  ['RST of what is being opened', [SYN, RST | ACK], CLOSING],
  ['RST and SYN', [SYN, ACK, SYN | RST], CLOSING],
  ['RST of a connection that is not known', [RST], CLOSING],
  ['what comes behind FIN', [SYN, ACK, FIN | ACK, ACK, ACK], CLOSING],
  ['another connection with the ports of one that ends', [SYN, ACK, FIN | ACK, SYN], OPENING],
  ['and what comes then', [SYN, ACK, FIN | ACK, SYN, ACK], ESTABLISHED],
];

describe.each(ALL)('the life of flows (stages in %s)', (stages) => {
  describe.each([
    ['gre4', CLIENT, VIP, gre],
    ['gre6', '2001:db8:c::1', '2002::1', vip('2002::/16', 'gre6', ['2001:db8::1', '2001:db8::2'])],
    ['nat4', CLIENT, '92.0.0.1', vip('92.0.0.1/32', 'nat4', SERVERS, { port: 80, targetPort: 8080 })],
    ['nat6', '2001:db8:c::1', '2004::1', vip('2004::1/128', 'nat6', ['2001:db8::1'], { port: 80, targetPort: 8080 })],
  ] as const)('%s', (encap, client, address, owner) => {
    it.each(TRANSITIONS)('%s', (_, flags, expected) => {
      const apart = new LifeWorld(timed([owner]), stages);
      const segments = flags.map((each) => packet(client, address, { protocol: 6, flags: each }));
      for (const segment of segments) apart.send([segment], 1);
      expect(apart.flow()).toEqual(expected);
      if (encap.startsWith('nat')) expect(apart.session()).toEqual(expected);
      // The same in one burst, in which they keep their order.
      const together = new LifeWorld(timed([owner]), stages);
      together.send(segments);
      expect(together.flow()).toEqual(expected);
      if (encap.startsWith('nat')) expect(together.session()).toEqual(expected);
    });

    it('UDP has a time of its own, and ends', () => {
      const world = new LifeWorld(timed([owner]), stages);
      const datagram = packet(client, address, {});
      for (const seconds of [0, 19, 19]) {
        world.send([datagram], seconds);
        expect(world.flow()).toEqual({ state: 'established', seconds: 20 });
      }
      expect(world.engine.counters.vip(0)).toMatchObject({ first: 1, existing: 2 });
      world.send([datagram], 20);
      expect(world.engine.counters.vip(0)).toMatchObject({ first: 2, existing: 2 });
    });
  });

  it('other protocols have theirs', () => {
    const world = new LifeWorld(timed([vip('2002::/16', 'gre6', ['2001:db8::1'])]), stages);
    const tunnel = packet('2001:db8:c::1', '2002::1');
    tunnel[20] = 47;
    world.send([tunnel]);
    expect(world.flow()).toEqual({ state: 'established', seconds: 30 });
  });

  it('what only SYNs have made ends soon', () => {
    const world = new LifeWorld(timed([gre]), stages);
    const flood = Array.from({ length: 100 }, (_, k) => tcp(SYN, { sport: 1000 + k }));
    world.send(flood);
    const live = () => world.engine.flows.sweep(0, 64, world.queue.tick);
    expect(live()).toBe(100);
    world.send([], 4.9375);
    expect(live()).toBe(100);
    world.send([], 0.0625);
    expect(live()).toBe(0);
  });

  it('without times of their own all end alike, whatever they are', () => {
    const world = new LifeWorld(spec([gre], { timeoutSec: 40 }), stages);
    const all = [SYN, ACK, FIN | ACK, RST].map((flags, k) => tcp(flags, { sport: 1000 + k }));
    world.send([...all, packet(CLIENT, VIP)]);
    for (let i = 0; i < 5; i++) expect(world.flow(i)?.seconds).toBe(40);
  });

  it('times that change count from the next packet on', () => {
    const world = new LifeWorld(timed([gre]), stages);
    world.send([tcp(ACK)]);
    world.change(spec([gre], { timeouts: { ...TIMEOUTS, tcpSec: 50 } }));
    expect(world.flow()?.seconds).toBe(100);
    world.send([tcp(ACK)], 1);
    expect(world.flow()?.seconds).toBe(50);
  });

  it('an ICMP error and a later fragment say nothing of where a connection stands', () => {
    const world = new LifeWorld(timed([gre]), stages);
    for (const [flags, state] of [
      [SYN, OPENING],
      [FIN | ACK, CLOSING],
    ] as const) {
      world.send([tcp(flags)]);
      const sent = packet(VIP, CLIENT, { protocol: 6, sport: 80, dport: 5000, flags: ACK });
      world.send([unreachable('203.0.113.7', sent)], 1);
      expect([world.engine.burst.tracking[0], world.flow()]).toEqual([1, state]);
      const [first, later] = fragments(tcp(flags, { payload: 900 }), 7, 800);
      world.send([first!, later!], 1);
      expect([world.engine.burst.count, world.flow(1)]).toEqual([2, state]);
    }
  });

  describe('a SYN', () => {
    const FLOWS = 40;
    const each = (flags: number) => Array.from({ length: FLOWS }, (_, k) => tcp(flags, { sport: 1000 + k }));
    const ass = (world: LifeWorld) => Array.from(world.engine.burst.as.subarray(0, FLOWS));

    it.each([[SYN], [ACK], [FIN | ACK]])('takes the AS of a new flow, whatever is left of an old one (%i)', (flags) => {
      const world = new LifeWorld(timed([gre]), stages);
      world.send(each(flags));
      const before = ass(world);
      expect(new Set(before).size).toBe(2);
      world.change(timed([without([100, 0])]));
      world.send(each(ACK), 1);
      expect(ass(world)).toEqual(before);
      world.send(each(SYN), 1);
      const [first] = before.filter((as) => ass(world).includes(as));
      expect(ass(world)).toEqual(before.map(() => first));
      // What follows stays there.
      world.change(timed([without([0, 100])]));
      world.send(each(ACK), 1);
      expect(ass(world)).toEqual(before.map(() => first));
    });

    it('counts as a packet of an existing flow where the AS stays, and notes since when it has another', () => {
      const world = new LifeWorld(timed([gre]), stages);
      world.send(each(SYN));
      const before = ass(world);
      world.send(each(SYN), 1);
      expect(world.engine.counters.vip(0)).toMatchObject({ first: FLOWS, existing: FLOWS });
      world.change(timed([without([100, 0])]));
      world.send(each(SYN), 1);
      const moved = before.filter((as, k) => as !== ass(world)[k]).length;
      expect(moved).toBeGreaterThan(0);
      expect(world.engine.counters.vip(0)).toMatchObject({ first: FLOWS + moved, existing: FLOWS + FLOWS - moved });
      const { burst, flows } = world.engine;
      before.forEach((as, k) => {
        const at = flows.find(burst.lo[k]!, burst.hi[k]!, world.queue.tick);
        expect(flows.side[flows.sideAt(at) + D.SINCE]).toBe(as === burst.as[k] ? 0 : 32);
      });
    });

    it('takes with it what follows in the same burst', () => {
      const world = new LifeWorld(timed([gre]), stages);
      world.send(each(ACK));
      world.change(timed([without([100, 0])]));
      const sports = [...Array(FLOWS).keys()];
      world.send(sports.flatMap((k) => [tcp(SYN, { sport: 1000 + k }), tcp(ACK, { sport: 1000 + k })]));
      expect(new Set(world.engine.burst.as.subarray(0, 2 * FLOWS)).size).toBe(1);
      for (let i = 0; i < 2 * FLOWS; i++) expect(world.flow(i)).toEqual(ESTABLISHED);
    });

    it('is dropped where no AS takes new flows, and changes nothing', () => {
      const world = new LifeWorld(timed([gre]), stages);
      world.send([tcp(ACK)]);
      const [as] = world.engine.burst.as;
      world.change(timed([without([0, 0])]));
      world.send([tcp(SYN)], 1);
      expect([world.engine.burst.verdict[0], world.engine.burst.reason[0]]).toEqual([Verdict.DROP, Reason.NO_SERVER]);
      expect(world.flow()).toEqual({ state: 'established', seconds: 99 });
      world.send([tcp(ACK)]);
      expect(world.engine.burst.as[0]).toBe(as);
    });
  });

  describe('an entry of a src_ip_sticky VIP, which is of all of a client', () => {
    it.each([
      ['any port', {}, 100],
      ['TCP', { port: 80, protocol: 6 }, 100],
      ['TCP and UDP', { port: 80 }, 100],
    ] as const)('is not ended, opened or moved by one connection: %s', (_, more, seconds) => {
      const sticky = { ...gre, ...more, srcIpSticky: true };
      const world = new LifeWorld(timed([sticky]), stages);
      world.send([tcp(ACK)]);
      const [as] = world.engine.burst.as;
      const weights = sticky.ass.map((server) => ({ ...server, weight: 0 }));
      world.change(timed([{ ...sticky, ass: [...weights, ...vip('0.0.0.0/0', 'gre4', ['10.0.0.9']).ass] }]));
      for (const flags of [SYN, FIN | ACK, RST, ACK]) {
        world.send([tcp(flags, { sport: 6000 + flags })], 1);
        expect(world.engine.burst.as[0]).toBe(as);
        expect(world.flow()).toEqual({ state: 'established', seconds });
      }
    });

    it("has no state, also if it was one connection's before", () => {
      const narrow = { ...gre, port: 80, protocol: 6 } as const;
      const world = new LifeWorld(timed([narrow]), stages);
      // Its identity is the same with the VIP's port alone.
      world.send([tcp(SYN, { sport: 0 })]);
      world.change(timed([{ ...narrow, srcIpSticky: true }]));
      world.send([tcp(ACK)]);
      expect(world.engine.counters.vip(0)).toMatchObject({ first: 1, existing: 1 });
      expect(world.flow()).toEqual(ESTABLISHED);
      world.send([tcp(SYN, { sport: 0 })]);
      expect(world.flow()).toEqual(ESTABLISHED);
    });

    it('lives as long as UDP if that is all there is', () => {
      const world = new LifeWorld(timed([{ ...gre, port: 80, protocol: 17, srcIpSticky: true }]), stages);
      world.send([packet(CLIENT, VIP)]);
      expect(world.flow()).toEqual({ state: 'established', seconds: 20 });
    });
  });

  it('a flow that comes over from another worker stays where it stands', () => {
    const table = new FlowTable({ lines: 64, secret: [1, 2, 3, 4] });
    const there = new LifeWorld(timed([gre]), stages);
    there.send([SYN, ACK, FIN | ACK].map((flags) => tcp(flags)));
    table.words.set(there.engine.flows.words);
    const here = new LifeWorld(timed([gre]), stages, [table]);
    here.send([tcp(ACK)]);
    expect(here.engine.counters.vip(0)).toMatchObject({ first: 0, existing: 1 });
    expect(here.flow()).toEqual(CLOSING);
  });
});
