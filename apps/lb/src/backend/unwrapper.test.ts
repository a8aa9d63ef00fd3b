import { parseAddress, parsePrefix } from '@lb/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackendSpec } from './backend-spec.js';
import {
  etherFrame,
  FRAME_AT,
  fromHex,
  GUARD,
  golden,
  memoryWith,
  toHex,
  withHeaderChecksum,
} from './golden.testkit.js';
import { isDelivered, OUTCOMES } from './outcome.js';
import { Unwrapper } from './unwrapper.js';

interface GreCase {
  name: string;
  innerOffset: number;
  input: string;
}
interface L3dsrCase {
  name: string;
  l4: number;
  dscp: number;
  input: string;
  expected: string;
}
type Rules = Pick<BackendSpec, 'vips' | 'dscp' | 'from'>;

const TAP_MAC = [0x0a, 1, 2, 3, 4, 5];
/** The addresses of the golden packets. */
const VIPS = ['90.1.2.1', '2004::/16'].map(parsePrefix);
const LOCAL = ['10.0.0.7', '2001:db8:a::7'].map(parseAddress);
const rules: Rules = { vips: VIPS, dscp: [], from: [] };
const greCases = golden<GreCase>('gre-parse');
const greNamed = (name: string): Uint8Array => fromHex(greCases.find((c) => c.name === name)!.input);

function unwrap(frame: Uint8Array, changes: Partial<Rules> = {}, local = LOCAL) {
  const memory = memoryWith(frame);
  const before = memory.u8.slice();
  const unwrapper = new Unwrapper(memory, { ...rules, ...changes }, Uint8Array.from(TAP_MAC));
  unwrapper.setLocal(local);
  const outcome = OUTCOMES[unwrapper.unwrap(FRAME_AT, frame.length)]!;
  const delivered = memory.u8.slice(unwrapper.offset, unwrapper.offset + unwrapper.length);
  return { outcome, delivered, memory: memory.u8, before };
}

/** What the TAP should get for a packet. */
function tapFrame(packet: Uint8Array): string {
  const type = packet[0]! >>> 4 === 4 ? '0800' : '86dd';
  return `${toHex(Uint8Array.from(TAP_MAC))}020000000001${type}${toHex(packet)}`;
}

describe('GRE', () => {
  it.each(greCases.filter(({ name }) => name.includes('plain')))('gives the host what is inside: $name', (c) => {
    const packet = fromHex(c.input);
    const { outcome, delivered } = unwrap(etherFrame(packet));
    expect(outcome).toBe(c.name.startsWith('ip4') ? 'gre4' : 'gre6');
    expect(toHex(delivered)).toBe(tapFrame(packet.subarray(c.innerOffset)));
  });

  it.each(greCases.filter(({ name }) => !name.includes('plain')))('leaves other tunnels to the kernel: $name', (c) => {
    const { outcome, memory, before } = unwrap(etherFrame(fromHex(c.input)));
    expect(outcome).toBe('other');
    expect(memory).toEqual(before);
  });

  it('does not carry Ethernet padding over', () => {
    const packet = greNamed('ip4, plain, ip4 inside');
    const { delivered } = unwrap(Uint8Array.of(...etherFrame(packet), 0, 0, 0, 0, 0, 0));
    expect(toHex(delivered)).toBe(tapFrame(packet.subarray(24)));
  });

  it('is only taken when it is sent to us, for a VIP, from where it may come', () => {
    const frame = etherFrame(greNamed('ip4, plain, ip4 inside'));
    expect(unwrap(frame, {}, [parseAddress('10.0.0.8')]).outcome).toBe('other');
    expect(unwrap(frame, {}, [LOCAL[1]!]).outcome).toBe('other');
    expect(unwrap(frame, { vips: [parsePrefix('90.1.2.2'), parsePrefix('2004::/16')] }).outcome).toBe('notVip');
    expect(unwrap(frame, { from: [parsePrefix('192.0.2.0/24')] }).outcome).toBe('gre4');
    expect(unwrap(frame, { from: [parsePrefix('192.0.3.0/24'), parsePrefix('::/0')] }).outcome).toBe('refused');
    const frame6 = etherFrame(greNamed('ip6, plain, ip6 inside'));
    expect(unwrap(frame6, {}, [parseAddress('2001:db8:a::8')]).outcome).toBe('other');
    expect(unwrap(frame6, { vips: [parsePrefix('2005::/16')] }).outcome).toBe('notVip');
    expect(unwrap(frame6, { from: [parsePrefix('2001:db8:1::/48')] }).outcome).toBe('gre6');
    expect(unwrap(frame6, { from: [parsePrefix('2001:db8:2::/48')] }).outcome).toBe('refused');
  });

  it('says what is wrong with it', () => {
    const packet = greNamed('ip4, plain, ip4 inside');
    const patched = (at: number, value: number): Uint8Array => {
      const copy = packet.slice();
      copy[at] = value;
      return copy;
    };
    const fragment = etherFrame(withHeaderChecksum(patched(6, 0x20)));
    expect(unwrap(fragment).outcome).toBe('outerFragment');
    expect(unwrap(etherFrame(patched(8, 1))).outcome).toBe('malformed');
    expect(unwrap(etherFrame(packet.subarray(0, 60))).outcome).toBe('malformed');
    expect(unwrap(etherFrame(packet, 0x8100)).outcome).toBe('other');
    expect(unwrap(etherFrame(packet, 0x0806)).outcome).toBe('other');
  });
});

describe('L3DSR', () => {
  it.each(golden<L3dsrCase>('l3dsr'))('puts the VIP back: $name', (c) => {
    const sent = fromHex(c.input);
    const arrived = fromHex(c.expected);
    const { outcome, delivered } = unwrap(etherFrame(arrived), {
      dscp: [{ dscp: c.dscp, vip: parseAddress('90.1.2.1') }],
    });
    // Behind the addresses it is what the client sent; in front of them, what the balancer made of it.
    const wanted = sent.slice();
    wanted.set(arrived.subarray(0, 12));
    expect(outcome).toBe('l3dsr');
    expect(toHex(delivered)).toBe(tapFrame(withHeaderChecksum(wanted)));
  });

  it('knows VIPs by their DSCP values', () => {
    const c = golden<L3dsrCase>('l3dsr').find(({ dscp }) => dscp === 63)!;
    const frame = etherFrame(fromHex(c.expected));
    const vip = (dscp: number, address: string) => ({ dscp, vip: parseAddress(address) });
    const { delivered } = unwrap(frame, { dscp: [vip(62, '90.0.0.1'), vip(63, '90.0.0.2')] });
    expect([...delivered.subarray(30, 34)]).toEqual([90, 0, 0, 2]);
    expect(unwrap(frame, { dscp: [vip(62, '90.0.0.1')] }).outcome).toBe('other');
    expect(unwrap(frame, { dscp: [vip(63, '90.0.0.1')] }, [parseAddress('10.0.0.8')]).outcome).toBe('other');
  });

  it('takes no packet whose lengths do not fit', () => {
    const packet = fromHex(golden<L3dsrCase>('l3dsr')[0]!.expected);
    const dscp = [{ dscp: 2, vip: parseAddress('90.1.2.1') }];
    const outcomeOf = (bytes: Uint8Array) => unwrap(etherFrame(bytes, 0x0800), { dscp }).outcome;
    expect(outcomeOf(packet)).toBe('l3dsr');
    for (let length = 0; length < packet.length; length++) {
      expect(outcomeOf(packet.subarray(0, length))).toBe(length < 20 ? 'other' : 'malformed');
    }
    expect(outcomeOf(Uint8Array.of(0x44, ...packet.subarray(1)))).toBe('malformed');
    expect(outcomeOf(Uint8Array.of(0x65, ...packet.subarray(1)))).toBe('malformed');
  });
});

it('touches nothing but frames that it delivers, whatever comes', () => {
  const memory = memoryWith(new Uint8Array());
  const dscp = [2, 17, 63].map((value) => ({ dscp: value, vip: parseAddress('90.1.2.1') }));
  const unwrapper = new Unwrapper(memory, { ...rules, dscp }, Uint8Array.from(TAP_MAC));
  unwrapper.setLocal(LOCAL);
  const packets = [...greCases.map(({ input }) => input), ...golden<L3dsrCase>('l3dsr').map((c) => c.expected)];
  const patches = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...packets), patches, fc.nat(140), (hex, changes, cut) => {
      const frame = etherFrame(fromHex(hex));
      for (const [at, value] of changes) frame[at] = value;
      const length = Math.max(14, frame.length - cut);
      memory.u8.fill(GUARD);
      memory.u8.set(frame.subarray(0, length), FRAME_AT);
      const before = toHex(memory.u8);
      const delivered = isDelivered(unwrapper.unwrap(FRAME_AT, length));
      const end = FRAME_AT + length;
      if (delivered) {
        expect(unwrapper.offset).toBeGreaterThanOrEqual(FRAME_AT);
        expect(unwrapper.offset + unwrapper.length).toBeLessThanOrEqual(end);
        memory.u8.fill(GUARD, FRAME_AT, end);
        expect(memory.u8.every((byte) => byte === GUARD)).toBe(true);
      } else {
        expect(toHex(memory.u8)).toBe(before);
      }
    }),
    { numRuns: 300 },
  );
});
